//! The preferences, and the list of keys.

use egui::{Frame, Grid, Label, Margin, RichText, Ui, vec2};

use crate::model::{Language, ThemeChoice};
use crate::ui::focus;
use crate::ui::intent::Intent;
use crate::ui::shortcuts::Action;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, size, space};
use crate::ui::widgets::button::IconButton;
use crate::ui::widgets::card::{heading, labelled_row};
use crate::ui::widgets::segmented::Segmented;

use super::View;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>) {
    Frame::new().inner_margin(Margin::same(8)).show(ui, |ui| {
        ui.set_width(300.0);
        choices_ui(ui, view);
        library_ui(ui, view);
        ui.add_space(space::S);
        heading(ui, view.t(Key::SettingsShortcuts));
        keys_ui(ui, view);
    });
}

fn choices_ui(ui: &mut Ui, view: &mut View<'_>) {
    let is_new = focus::is_new(ui, "settings");
    let language = view.t(Key::SettingsLanguage);
    labelled_row(ui, language, |ui| {
        let cells = [
            (Language::English, view.t(Key::LanguageEnglish)),
            (Language::Chinese, view.t(Key::LanguageChinese)),
        ];
        if let Some(language) = Segmented::new(language, &cells, view.studio.language)
            .fill_width()
            .focused(is_new)
            .show(ui)
        {
            view.push(Intent::SetLanguage(language));
        }
    });
    let theme = view.t(Key::SettingsTheme);
    labelled_row(ui, theme, |ui| {
        let cells = [
            (ThemeChoice::System, view.t(Key::ThemeSystem)),
            (ThemeChoice::Light, view.t(Key::ThemeLight)),
            (ThemeChoice::Dark, view.t(Key::ThemeDark)),
        ];
        if let Some(theme) = Segmented::new(theme, &cells, view.studio.settings.theme)
            .fill_width()
            .show(ui)
        {
            view.push(Intent::SetTheme(theme));
        }
    });
}

fn library_ui(ui: &mut Ui, view: &mut View<'_>) {
    let Some(folder) = &view.studio.library_dir else {
        return;
    };
    ui.add_space(space::S);
    heading(ui, view.t(Key::SettingsLibrary));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let path = folder.display().to_string();
        let width = ui.available_width() - 28.0;
        ui.scope(|ui| {
            ui.set_max_width(width);
            let color = Palette::of(ui).text;
            ui.add(Label::new(RichText::new(&path).color(color)).truncate())
                .on_hover_text(&path);
        });
        let open = IconButton::new(icons::FOLDER, view.t(Key::DetailsOpenFolder)).side(24.0);
        if ui.add(open).clicked() {
            view.push(Intent::Reveal(folder.clone()));
        }
    });
}

fn keys_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    Grid::new("shortcuts")
        .num_columns(2)
        .spacing(vec2(space::L, space::XS))
        .min_col_width(size::LABEL)
        .min_row_height(18.0)
        .show(ui, |ui| {
            for action in Action::ALL {
                let keys = RichText::new(action.keys(ui.ctx())).small();
                ui.label(keys.color(palette.weak));
                ui.label(RichText::new(view.t(action.text())).small());
                ui.end_row();
            }
        });
}
