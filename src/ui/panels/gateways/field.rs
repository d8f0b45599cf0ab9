//! Rows, sections and text fields of the form. A field writes into the profile as soon as its text makes sense, and
//! keeps a text that does not, with the reason below it.

use egui::{Align, Label, Layout, Response, RichText, TextEdit, Ui, vec2};

use crate::model::{GatewayProfile, narrow_number};
use crate::ui::panels::View;
use crate::ui::state::{Draft, Field, Part, Problem, ProfileEdit};
use crate::ui::text::{Key, Text};
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::card::{card, fold};
pub(super) use crate::ui::widgets::field::field_frame;

/// Width of the words in front of the controls.
const LABEL: f32 = 148.0;
/// Width of a field for a number.
pub(super) const NUMBER: f32 = 88.0;

/// The form while it is drawn.
pub(super) struct Form<'f, 'v> {
    pub(super) view: &'f mut View<'v>,
    pub(super) edit: &'f mut ProfileEdit,
    /// The profile as it is to be.
    pub(super) profile: GatewayProfile,
    /// An input method composes: what is typed does not count yet.
    pub(super) is_composing: bool,
}

/// A text field.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) field: Field,
    pub(super) name: &'a str,
    pub(super) hint: &'a str,
    pub(super) width: f32,
}

impl Form<'_, '_> {
    /// Draws a text field for a `value` of the profile.
    pub(super) fn entry(
        &mut self,
        ui: &mut Ui,
        entry: Entry<'_>,
        value: &str,
        apply: impl FnOnce(&mut GatewayProfile, &str) -> Result<(), Problem>,
    ) {
        let draft = self.edit.drafts.get(&entry.field);
        let is_wrong = draft.is_some_and(|draft| draft.problem.is_some());
        let mut text = draft.map_or_else(|| value.to_owned(), |draft| draft.text.clone());
        let field = TextEdit::singleline(&mut text)
            .id_salt(entry.field)
            .hint_text(entry.hint)
            .frame(field_frame(Palette::of(ui), is_wrong))
            .desired_width(entry.width);
        let response = ui.add(field).accessible_name(entry.name);
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        if response.changed() {
            self.typed(entry.field, text, apply);
        }
        if response.lost_focus() {
            self.left(entry.field);
        }
    }

    /// Takes a text in.
    pub(super) fn typed(
        &mut self,
        field: Field,
        text: String,
        apply: impl FnOnce(&mut GatewayProfile, &str) -> Result<(), Problem>,
    ) {
        let problem = if self.is_composing {
            None
        } else {
            apply(&mut self.profile, text.trim()).err()
        };
        self.edit.drafts.insert(field, Draft { text, problem });
    }

    /// The keyboard went on: a text that is in the profile is not needed any longer.
    pub(super) fn left(&mut self, field: Field) {
        let drafts = &mut self.edit.drafts;
        if drafts.get(&field).is_some_and(|d| d.problem.is_none()) {
            drafts.remove(&field);
        }
    }

    /// Says what is wrong with a field, if something is.
    pub(super) fn problem_ui(&self, ui: &mut Ui, field: Field) {
        let draft = self.edit.drafts.get(&field);
        if let Some(problem) = draft.and_then(|draft| draft.problem.as_ref()) {
            let words = problem_words(self.view.text, problem);
            note(ui, &words, Palette::of(ui).error);
        }
    }

    /// A row with a text field as wide as there is room.
    pub(super) fn text_row(
        &mut self,
        ui: &mut Ui,
        field: Field,
        (name, hint): (&str, &str),
        value: &str,
        apply: impl FnOnce(&mut GatewayProfile, &str) -> Result<(), Problem>,
    ) {
        row(ui, name, |ui| {
            let entry = Entry {
                field,
                name,
                hint,
                width: ui.available_width(),
            };
            self.entry(ui, entry, value, apply);
        });
        self.problem_ui(ui, field);
    }

    /// A row with a short field and its unit.
    pub(super) fn number_row(
        &mut self,
        ui: &mut Ui,
        field: Field,
        (name, hint, unit): (&str, &str, &str),
        value: &str,
        apply: impl FnOnce(&mut GatewayProfile, &str) -> Result<(), Problem>,
    ) {
        row(ui, name, |ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let entry = Entry {
                field,
                name,
                hint,
                width: NUMBER,
            };
            self.entry(ui, entry, value, apply);
            let color = Palette::of(ui).weak;
            ui.add(Label::new(RichText::new(unit).color(color)).truncate());
        });
        self.problem_ui(ui, field);
    }

    /// Whether something in a part is wrong.
    fn has_problem(&self, part: Part) -> bool {
        let mut drafts = self.edit.drafts.iter();
        drafts.any(|(field, draft)| part.has(*field) && draft.problem.is_some())
    }

    /// A part that can be folded away; `summary` then says what it holds. One with something wrong in it stays open.
    pub(super) fn part(
        &mut self,
        ui: &mut Ui,
        unfolded: &mut Vec<Part>,
        part: Part,
        summary: impl FnOnce(&Self) -> String,
        content: impl FnOnce(&mut Self, &mut Ui),
    ) {
        let title = self.view.t(title_of(part));
        let summary: &str = &summary(self);
        card(Palette::of(ui)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let was_open = unfolded.contains(&part);
            let mut open = was_open || self.has_problem(part);
            fold(ui, title, summary, &mut open);
            if open != was_open {
                unfolded.retain(|other| *other != part);
                if open {
                    unfolded.push(part);
                }
            }
            if open {
                ui.add_space(space::XS);
                content(self, ui);
            }
        });
    }
}

const fn title_of(part: Part) -> Key {
    match part {
        Part::Limits => Key::GatewaySectionLimits,
        Part::Prices => Key::GatewaySectionPrices,
        Part::Network => Key::GatewaySectionNetwork,
        Part::Advanced => Key::GatewaySectionAdvanced,
    }
}

/// A part with its title.
pub(super) fn section(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    card(Palette::of(ui)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let color = Palette::of(ui).strong;
        ui.label(RichText::new(title).size(size::HEADING).color(color));
        ui.add_space(space::HAIR);
        content(ui);
    });
}

/// A label with its control beside it.
pub(super) fn row<R>(ui: &mut Ui, label: &str, control: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let color = Palette::of(ui).weak;
        ui.allocate_ui_with_layout(
            vec2(LABEL, size::CONTROL),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(LABEL);
                ui.set_max_width(LABEL - space::S);
                let words = RichText::new(label).color(color);
                ui.add(Label::new(words).truncate());
            },
        );
        control(ui)
    })
    .inner
}

/// A sentence below a control.
pub(super) fn note(ui: &mut Ui, words: &str, color: egui::Color32) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.spacing_mut().interact_size.y = 0.0;
        ui.horizontal(|ui| {
            ui.add_space(LABEL);
            ui.add(Label::new(RichText::new(words).small().color(color)).wrap())
        })
        .inner
    })
    .inner
}

fn problem_words(text: &Text, problem: &Problem) -> String {
    match problem {
        Problem::Needed => text.get(Key::FieldNeeded).to_owned(),
        // As text: Fluent would group the digits of a number.
        Problem::NotBetween(least, most) => text.with(
            Key::FieldNotBetween,
            [
                ("least", least.to_string().into()),
                ("most", most.to_string().into()),
            ],
        ),
        Problem::NotAnAmount => text.get(Key::FieldNotAnAmount).to_owned(),
        Problem::NotSizes => text.get(Key::FieldNotSizes).to_owned(),
        Problem::NotAProxy => text.get(Key::FieldNotAProxy).to_owned(),
        Problem::NotJson(reason) => {
            text.with(Key::FieldNotJson, [("reason", reason.as_str().into())])
        }
    }
}

/// A text that may not be empty.
pub(super) fn needed(text: &str, place: &mut String) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(Problem::Needed);
    }
    text.clone_into(place);
    Ok(())
}

/// A whole number.
pub(super) fn whole(text: &str, least: u64, most: u64) -> Result<u64, Problem> {
    let number = narrow_number(text).parse().ok();
    let number = number.filter(|n| (least..=most).contains(n));
    number.ok_or(Problem::NotBetween(least, most))
}

/// A whole number, or nothing.
pub(super) fn whole_or_none(text: &str, least: u64, most: u64) -> Result<Option<u64>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    whole(text, least, most).map(Some)
}

/// An amount of money or a factor: not below zero.
pub(super) fn amount(text: &str) -> Result<f64, Problem> {
    let number = narrow_number(text).replace(',', ".").parse::<f64>().ok();
    number
        .filter(|n| n.is_finite() && *n >= 0.0)
        .ok_or(Problem::NotAnAmount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        assert_eq!(whole("30", 1, 60), Ok(30));
        assert_eq!(whole("３０", 1, 60), Ok(30));
        for wrong in ["0", "61", "-1", "1.5", "", "many", "99999999999999999999"] {
            assert_eq!(
                whole(wrong, 1, 60),
                Err(Problem::NotBetween(1, 60)),
                "{wrong}"
            );
        }
        assert_eq!(whole_or_none("", 1, 60), Ok(None));
        assert_eq!(whole_or_none("2", 1, 60), Ok(Some(2)));
        for (text, expected) in [("0.211", 0.211), ("0,6", 0.6), ("０。６", 0.6), ("3", 3.0)] {
            let got = amount(text).unwrap();
            assert!((got - expected).abs() < 1e-9, "{text}");
        }
        for wrong in ["", "-1", "NaN", "inf", "1 CNY"] {
            assert_eq!(amount(wrong), Err(Problem::NotAnAmount), "{wrong}");
        }
    }

    #[test]
    fn what_is_needed_stays_until_there_is_something_else() {
        let mut name = "old".to_owned();
        assert_eq!(needed("", &mut name), Err(Problem::Needed));
        assert_eq!(name, "old");
        needed("new", &mut name).unwrap();
        assert_eq!(name, "new");
    }
}
