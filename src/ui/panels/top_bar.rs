//! The bar on top: screens, gateway, what is running, language, theme, settings.

use egui::{Align, Button, Popup, PopupCloseBehavior, RectAlign, RichText, Ui, vec2};

use crate::model::{GatewayProfile, Preset};
use crate::ui::focus;
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::shortcuts::Action;
use crate::ui::state::Screen;
use crate::ui::text::{Key, Text};
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::card::at_end;
use crate::ui::widgets::segmented::Segmented;

use super::gateways::{picker, seconds};
use super::{View, settings};

/// Below this the gateway's model is left out of the bar.
const WIDE: f32 = 1_100.0;
/// Longer names of gateways are cut in the bar, in characters.
const MOST_NAME: usize = 28;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, search: &mut String) {
    ui.horizontal_centered(|ui| {
        let palette = Palette::of(ui);
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(
            RichText::new(view.t(Key::AppName))
                .size(size::HEADING + 1.0)
                .color(palette.strong),
        );
        ui.label(
            RichText::new(view.t(Key::AppNameOther))
                .size(size::HEADING)
                .color(palette.weak),
        );
        ui.add_space(space::L);
        screens_ui(ui, view);
        at_end(ui, "top bar", |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            running_ui(ui, view);
            paused_ui(ui, view);
            gateway_ui(ui, view, search);
            ui.add_space(space::S);
            language_ui(ui, view);
            theme_ui(ui, view);
            settings_ui(ui, view);
        });
    });
}

fn screens_ui(ui: &mut Ui, view: &mut View<'_>) {
    let cells = [
        (Screen::Create, view.t(Key::TabCreate)),
        (Screen::Gallery, view.t(Key::TabGallery)),
    ];
    let name = view.t(Key::AppName);
    if let Some(screen) = Segmented::new(name, &cells, view.studio.screen).show(ui) {
        view.push(Intent::Do(match screen {
            Screen::Create => Action::ShowCreate,
            Screen::Gallery => Action::ShowGallery,
            Screen::Gateways => Action::ShowGateways,
        }));
    }
}

fn settings_ui(ui: &mut Ui, view: &mut View<'_>) {
    let open = view.studio.settings_open;
    let name = view.t(Key::Settings);
    let button = ui.add(IconButton::new(icons::SETTINGS, name).on(open));
    if button.clicked() {
        view.push(Intent::ShowSettings(!open));
    }
    let mut still_open = open;
    focus::give_back(ui, "settings", open);
    Popup::from_response(&button)
        .open_bool(&mut still_open)
        .close_behavior(PopupCloseBehavior::IgnoreClicks)
        .align(RectAlign::BOTTOM_END)
        .gap(space::XS)
        .width(320.0)
        .accessible_name(name)
        .show(|ui| settings::show(ui, view));
    close_outside(ui, view, open, &button, Intent::ShowSettings(false));
}

fn theme_ui(ui: &mut Ui, view: &mut View<'_>) {
    let (icon, name) = if ui.visuals().dark_mode {
        (icons::LIGHT, Key::ThemeToLight)
    } else {
        (icons::DARK, Key::ThemeToDark)
    };
    if ui.add(IconButton::new(icon, view.t(name))).clicked() {
        let theme = if ui.visuals().dark_mode {
            crate::model::ThemeChoice::Light
        } else {
            crate::model::ThemeChoice::Dark
        };
        view.push(Intent::SetTheme(theme));
    }
}

fn language_ui(ui: &mut Ui, view: &mut View<'_>) {
    let name = view.t(Key::LanguageSwitchName);
    let words = RichText::new(view.t(Key::LanguageSwitch)).color(Palette::of(ui).text);
    let button = Button::new(words)
        .frame_when_inactive(false)
        .min_size(vec2(44.0, size::CONTROL));
    let response = ui.add(button).on_hover_text(name).accessible_name(name);
    if response.clicked() {
        view.push(Intent::Do(Action::ToggleLanguage));
    }
}

/// What a gateway is called: our own names are translated as long as nobody has changed them.
pub(in crate::ui) fn gateway_name<'a>(text: &'a Text, profile: &'a GatewayProfile) -> &'a str {
    match (profile.preset, profile.name.as_str()) {
        (Preset::Demo, "Demo")
        | (Preset::Relay, "Self-hosted relay")
        | (Preset::Custom, "Custom") => preset_name(text, profile.preset, &profile.name),
        (_, name) => name,
    }
}

/// What a preset is called; `name` is that of its profile.
pub(in crate::ui) fn preset_name<'a>(text: &'a Text, preset: Preset, name: &'a str) -> &'a str {
    match preset {
        Preset::Demo => text.get(Key::GatewayDemo),
        Preset::Relay => text.get(Key::GatewayRelay),
        Preset::Custom => text.get(Key::GatewayCustom),
        _ => name,
    }
}

/// Says that the gateway of new jobs was slowed down, and for how long.
fn paused_ui(ui: &mut Ui, view: &View<'_>) {
    let id = view.studio.settings.gateway().id;
    let Some(ms) = view.studio.gateways.paused_ms(&id, view.now_ms) else {
        return;
    };
    let args = [("time", seconds(view, ms).into())];
    let words = view.text.with(Key::GatewayPausedShort, args);
    let color = Palette::of(ui).warn;
    ui.label(icons::SLOWED.text().color(color));
    ui.label(RichText::new(words).small().color(color));
    ui.add_space(space::XS);
}

fn gateway_ui(ui: &mut Ui, view: &mut View<'_>, search: &mut String) {
    let palette = Palette::of(ui);
    let profile = view.studio.settings.gateway();
    let name = gateway_name(view.text, &profile).to_owned();
    let open = view.studio.gateways.picking;
    let mut job = egui::text::LayoutJob::default();
    RichText::new(crate::ui::format::line(&name, MOST_NAME))
        .color(palette.text)
        .append_to(
            &mut job,
            ui.style(),
            egui::FontSelection::Default,
            Align::Center,
        );
    if profile.preset != Preset::Demo && ui.ctx().content_rect().width() > WIDE {
        RichText::new(format!(
            "  {}",
            crate::ui::format::line(&profile.image_model, MOST_NAME)
        ))
        .color(palette.weak)
        .append_to(
            &mut job,
            ui.style(),
            egui::FontSelection::Default,
            Align::Center,
        );
    }
    let button = ui.add(
        Button::new((icons::GATEWAY.text(), job, icons::CHEVRON_DOWN.text()))
            .min_size(vec2(0.0, size::CONTROL)),
    );
    let button = button
        .on_hover_text(view.t(Key::ActionGateways))
        .accessible_name(format!("{}: {name}", view.t(Key::Gateway)));
    if button.clicked() {
        view.push(Intent::Gateway(GatewayIntent::Pick(!open)));
    }
    let mut still_open = open;
    focus::give_back(ui, "gateway picker", open);
    Popup::from_response(&button)
        .open_bool(&mut still_open)
        .close_behavior(PopupCloseBehavior::IgnoreClicks)
        .align(RectAlign::BOTTOM_END)
        .gap(space::XS)
        .width(360.0)
        .accessible_name(view.t(Key::Gateways))
        .show(|ui| picker::show(ui, view, search));
    let close = Intent::Gateway(GatewayIntent::Pick(false));
    close_outside(ui, view, open, &button, close);
}

/// Closes a popup of ours when the user turns to something else.
fn close_outside(ui: &Ui, view: &mut View<'_>, open: bool, button: &egui::Response, close: Intent) {
    if !open || button.clicked() {
        return;
    }
    let Some(rect) = ui
        .ctx()
        .memory(|memory| memory.area_rect(Popup::default_response_id(button)))
    else {
        return;
    };
    let pressed_at = ui.input(|input| {
        input
            .pointer
            .any_pressed()
            .then(|| input.pointer.interact_pos())
            .flatten()
    });
    let is_outside =
        pressed_at.is_some_and(|pos| !rect.contains(pos) && !button.rect.contains(pos));
    // A list that opened from inside of the popup may hang over its edge.
    if is_outside && !Popup::is_any_open(ui.ctx()) {
        view.push(close);
    }
}

fn running_ui(ui: &mut Ui, view: &View<'_>) {
    let (running, queued) = (view.studio.jobs.running(), view.studio.jobs.queued());
    if running + queued == 0 {
        return;
    }
    let palette = Palette::of(ui);
    let count = |key: Key, count: usize| {
        (count > 0).then(|| view.text.with(key, [("count", count.into())]))
    };
    let words: Vec<String> = [(Key::RunningCount, running), (Key::QueuedCount, queued)]
        .into_iter()
        .filter_map(|(key, number)| count(key, number))
        .collect();
    let words = words.join(" · ");
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), egui::Sense::hover());
    ui.painter()
        .circle_filled(rect.center(), 4.0, palette.accent_text);
    ui.label(RichText::new(words).color(palette.text));
    ui.add_space(space::S);
}
