//! The panel of the gateways: which one, where it is, what it speaks, and its key.

use egui::{
    Align, CornerRadius, CursorIcon, FontId, Frame, Label, Layout, Margin, Rect, RichText, Role,
    ScrollArea, Sense, Stroke, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use crate::model::{ApiKey, ApiKind, GatewayProfile, Preset, normalize_base_url};
use crate::ui::intent::Intent;
use crate::ui::state::GatewayEdit;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::button::TextButton;
use crate::ui::widgets::card::{heading, labelled_row};
use crate::ui::widgets::segmented::{Segmented, focus_ring};

use super::View;
use super::top_bar::gateway_name;

const ROW_HEIGHT: f32 = 40.0;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, edit: &mut GatewayEdit) {
    Frame::new().inner_margin(Margin::same(8)).show(ui, |ui| {
        ui.set_width(360.0);
        let most = (ui.ctx().content_rect().height() - 80.0).max(200.0);
        ScrollArea::vertical()
            .max_height(most)
            .min_scrolled_height(most)
            .show(ui, |ui| {
                heading(ui, view.t(Key::Gateways));
                let selected = view.studio.settings.gateway();
                ui.scope(|ui| {
                    ui.spacing_mut().item_spacing.y = space::HAIR;
                    for profile in &view.studio.settings.gateways {
                        row_ui(ui, view, profile, profile.id == selected.id);
                    }
                });
                ui.add_space(space::S);
                ui.separator();
                if selected.preset == Preset::Demo {
                    let color = Palette::of(ui).weak;
                    let words = RichText::new(view.t(Key::GatewayDemoNote)).color(color);
                    ui.add(Label::new(words).wrap());
                } else {
                    profile_ui(ui, view, edit, &selected);
                }
            });
    });
}

/// Host of an address, for people.
fn host(url: &str) -> &str {
    url.split_once("://")
        .map_or(url, |(_, rest)| rest)
        .split('/')
        .next()
        .unwrap_or_default()
}

fn row_ui(ui: &mut Ui, view: &mut View<'_>, profile: &GatewayProfile, is_selected: bool) {
    let palette = Palette::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
    let name = gateway_name(view.text, profile);
    response.widget_info(|| {
        WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_selected, name)
    });
    let corner = CornerRadius::same(radius::CONTROL);
    if is_selected {
        ui.painter().rect_filled(rect, corner, palette.accent_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, corner, palette.control);
    }
    if response.has_focus() {
        focus_ring(ui, rect, radius::CONTROL);
    }
    let left = rect.left() + space::S;
    let text_width = rect.width() - 100.0;
    let line = |words: &str, y: f32, points: f32, color: egui::Color32| {
        let clip = Rect::from_min_size(pos2(left, rect.top()), vec2(text_width, ROW_HEIGHT));
        ui.painter().with_clip_rect(clip).text(
            pos2(left, y),
            egui::Align2::LEFT_CENTER,
            words,
            FontId::proportional(points),
            color,
        );
    };
    let address = profile.base_urls.first().map_or("", |url| host(url));
    if address.is_empty() {
        line(name, rect.center().y, size::BODY, palette.strong);
    } else {
        line(name, rect.top() + 13.0, size::BODY, palette.strong);
        line(address, rect.top() + 28.0, size::SMALL, palette.weak);
    }
    let right = rect.right_center() - vec2(space::S, 0.0);
    let (icon, color) = if view.studio.has_key(profile) {
        (icons::CHECK, palette.ok)
    } else {
        (icons::KEY, palette.weak)
    };
    ui.painter().text(
        right,
        egui::Align2::RIGHT_CENTER,
        icon.glyph(),
        icon.font(size::ICON),
        color,
    );
    if !view.studio.has_key(profile) {
        ui.painter().text(
            right - vec2(size::ICON + space::XS, 0.0),
            egui::Align2::RIGHT_CENTER,
            view.t(Key::GatewayKeyMissing),
            FontId::proportional(size::SMALL),
            palette.weak,
        );
    }
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() && !is_selected {
        view.push(Intent::SelectGateway(profile.id.clone()));
    }
}

fn profile_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut GatewayEdit, profile: &GatewayProfile) {
    let mut changed = profile.clone();
    if profile.preset == Preset::Custom {
        address_ui(ui, view, edit, &mut changed);
    }
    let api = view.t(Key::GatewayApi);
    labelled_row(ui, api, |ui| {
        let cells = [
            (ApiKind::Responses, view.t(Key::GatewayApiResponses)),
            (ApiKind::Images, view.t(Key::GatewayApiImages)),
        ];
        if let Some(kind) = Segmented::new(api, &cells, changed.api)
            .fill_width()
            .show(ui)
        {
            changed.api = kind;
        }
    });
    let image_model = view.t(Key::GatewayImageModel);
    labelled_row(ui, image_model, |ui| {
        if field(ui, &mut edit.image_model, image_model, "gpt-image-2", false) {
            edit.image_model.trim().clone_into(&mut changed.image_model);
        }
    });
    if changed.api == ApiKind::Responses {
        let model = view.t(Key::GatewayModel);
        labelled_row(ui, model, |ui| {
            if field(ui, &mut edit.model, model, "gpt-5.5", false) {
                edit.model.trim().clone_into(&mut changed.model);
            }
        });
    }
    endpoint_ui(ui, view, &changed);
    key_ui(ui, view, edit, profile);
    if changed != *profile {
        view.push(Intent::SaveGateway(Box::new(changed)));
    }
}

fn address_ui(ui: &mut Ui, view: &View<'_>, edit: &mut GatewayEdit, profile: &mut GatewayProfile) {
    let name = view.t(Key::GatewayAddress);
    labelled_row(ui, name, |ui| {
        let hint = view.t(Key::GatewayAddressHint);
        if field(ui, &mut edit.base_url, name, hint, false) {
            profile.base_urls = normalize_base_url(&edit.base_url).into_iter().collect();
        }
    });
    let is_wrong = !edit.base_url.trim().is_empty() && profile.base_urls.is_empty();
    if is_wrong {
        let color = Palette::of(ui).error;
        ui.label(
            RichText::new(view.t(Key::GatewayAddressWrong))
                .small()
                .color(color),
        );
    }
}

/// Where requests go, as the address was understood.
fn endpoint_ui(ui: &mut Ui, view: &View<'_>, profile: &GatewayProfile) {
    let Some(base) = profile.base_urls.first() else {
        return;
    };
    let path = match profile.api {
        ApiKind::Responses => "responses",
        ApiKind::Images => "images/generations",
    };
    let url = format!("{base}/{path}");
    let words = view
        .text
        .with(Key::GatewayEndpoint, [("url", url.as_str().into())]);
    let color = Palette::of(ui).weak;
    ui.add(Label::new(RichText::new(words).small().color(color)).truncate())
        .on_hover_text(url);
}

fn key_ui(ui: &mut Ui, view: &mut View<'_>, edit: &mut GatewayEdit, profile: &GatewayProfile) {
    let palette = Palette::of(ui);
    let name = view.t(Key::GatewayKey);
    let mut use_it = false;
    labelled_row(ui, name, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            let is_blank = edit.key.trim().is_empty();
            let button = TextButton::new(view.t(Key::GatewayKeyUse));
            use_it = ui.add_enabled(!is_blank, button).clicked();
            let width = ui.available_width();
            let field = ui.add(
                TextEdit::singleline(&mut edit.key)
                    .id(egui::Id::unique("gateway key"))
                    .password(true)
                    .hint_text(view.t(Key::GatewayKeyHint))
                    .frame(field_frame(palette))
                    .desired_width(width),
            );
            let entered =
                field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            use_it |= entered && !is_blank;
            field.accessible_name(name);
        });
    });
    if use_it && let Some(key) = ApiKey::new(&edit.key) {
        view.push(Intent::SetKey(profile.id.clone(), Some(key)));
    }
    if view.studio.has_key(profile) {
        ui.horizontal(|ui| {
            ui.label(icons::CHECK.text().color(palette.ok));
            ui.label(RichText::new(view.t(Key::GatewayKeyKnown)).color(palette.text));
            if ui.link(view.t(Key::GatewayKeyForget)).clicked() {
                view.push(Intent::SetKey(profile.id.clone(), None));
            }
        });
    }
    let note = RichText::new(view.t(Key::GatewayKeyNote))
        .small()
        .color(palette.weak);
    ui.add(Label::new(note).wrap());
}

fn field_frame(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, palette.outline))
        .corner_radius(CornerRadius::same(radius::CONTROL))
        .inner_margin(Margin::symmetric(8, 5))
}

fn field(ui: &mut Ui, text: &mut String, name: &str, hint: &str, is_secret: bool) -> bool {
    let frame = field_frame(Palette::of(ui));
    let width = ui.available_width();
    ui.add(
        TextEdit::singleline(text)
            .id_salt(name)
            .password(is_secret)
            .hint_text(hint)
            .frame(frame)
            .desired_width(width),
    )
    .accessible_name(name)
    .changed()
}
