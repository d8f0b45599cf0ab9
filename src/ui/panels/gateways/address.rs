//! Where a gateway is: its addresses in the order in which they are tried, each as it was understood.

use egui::{Id, TextEdit, Ui};

use crate::model::{ApiKind, GatewayId, Preset, normalize_base_url};
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};
use crate::ui::widgets::button::{Emphasis, IconButton, TextButton};

use super::field::{Form, field_frame, note, row, section};

/// The field of a gateway's first address.
pub(in crate::ui) fn first_address_id(gateway: &GatewayId) -> Id {
    address_id(gateway, 0)
}

fn address_id(gateway: &GatewayId, i: usize) -> Id {
    Id::unique(("gateway address", &gateway.0, i))
}

/// What is to be done with an address.
enum Change {
    Remove(usize),
    Up(usize),
    Add,
}

pub(super) fn show(ui: &mut Ui, form: &mut Form<'_, '_>) {
    section(ui, form.view.t(Key::GatewaySectionAddress), |ui| {
        if form.profile.preset == Preset::Demo {
            let color = Palette::of(ui).weak;
            ui.label(egui::RichText::new(form.view.t(Key::GatewayDemoNote)).color(color));
            return;
        }
        let typed = form.edit.addresses.take();
        let is_draft = typed.is_some();
        let mut addresses = typed.unwrap_or_else(|| form.profile.base_urls.clone());
        if addresses.is_empty() {
            addresses.push(String::new());
        }
        let count = addresses.len();
        let (mut changed, mut left, mut change) = (false, false, None);
        for (i, address) in addresses.iter_mut().enumerate() {
            let response = address_ui(ui, form, address, (i, count), &mut change);
            changed |= response.changed();
            left |= response.lost_focus();
        }
        if count > 1 {
            note(
                ui,
                form.view.t(Key::GatewayAddressOrder),
                Palette::of(ui).weak,
            );
        }
        row(ui, "", |ui| {
            let add = TextButton::new(form.view.t(Key::GatewayAddressAdd))
                .icon(icons::ADD)
                .emphasis(Emphasis::Quiet);
            let has_blank = addresses.iter().any(|address| address.trim().is_empty());
            if ui.add_enabled(!has_blank, add).clicked() {
                change = Some(Change::Add);
            }
        });
        match change {
            Some(Change::Remove(i)) => drop(addresses.remove(i)),
            Some(Change::Up(i)) => addresses.swap(i, i - 1),
            Some(Change::Add) => {
                let new = address_id(&form.profile.id, addresses.len());
                addresses.push(String::new());
                ui.memory_mut(|memory| memory.request_focus(new));
            }
            None => {}
        }
        let is_changed = changed || change.is_some();
        if is_changed {
            let understood = addresses.iter().filter_map(|text| normalize_base_url(text));
            form.profile.base_urls = understood.collect();
        }
        // Once the keyboard goes on, what was understood takes the place of what was typed.
        let all_good = addresses
            .iter()
            .all(|text| normalize_base_url(text).is_some());
        let is_done = left && all_good;
        if is_changed || is_draft && !is_done {
            form.edit.addresses = Some(addresses);
        }
    });
}

fn address_ui(
    ui: &mut Ui,
    form: &Form<'_, '_>,
    address: &mut String,
    (i, count): (usize, usize),
    change: &mut Option<Change>,
) -> egui::Response {
    let understood = normalize_base_url(address);
    let is_wrong = understood.is_none() && !address.trim().is_empty();
    let number = (i + 1).to_string();
    let name = if count == 1 {
        form.view.t(Key::GatewayAddress).to_owned()
    } else {
        let args = [("number", number.as_str().into())];
        form.view.text.with(Key::GatewayAddressNumber, args)
    };
    let response = row(ui, &name, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let buttons = if count == 1 { 0.0 } else { 60.0 };
        let field = TextEdit::singleline(address)
            .id(address_id(&form.profile.id, i))
            .hint_text(form.view.t(Key::GatewayAddressHint))
            .frame(field_frame(Palette::of(ui), is_wrong))
            .desired_width(ui.available_width() - buttons);
        let response = ui.add(field).accessible_name(&name);
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        if count > 1 {
            ui.add_space(space::XS);
            let named = |key: Key| {
                form.view
                    .text
                    .with(key, [("number", number.as_str().into())])
            };
            let words = named(Key::GatewayAddressUp);
            if ui
                .add_enabled(i > 0, IconButton::new(icons::UP, &words))
                .clicked()
            {
                *change = Some(Change::Up(i));
            }
            let words = named(Key::GatewayAddressRemove);
            if ui.add(IconButton::new(icons::CLOSE, &words)).clicked() {
                *change = Some(Change::Remove(i));
            }
        }
        response
    });
    let palette = Palette::of(ui);
    match understood {
        Some(base) => {
            let url = endpoint(&base, form.profile.api);
            let words = form
                .view
                .text
                .with(Key::GatewayEndpoint, [("url", url.into())]);
            note(ui, &words, palette.weak);
        }
        None if is_wrong => {
            note(ui, form.view.t(Key::GatewayAddressWrong), palette.error);
        }
        None => {}
    }
    response
}

/// Where a request without references goes.
fn endpoint(base: &str, api: ApiKind) -> String {
    let path = match api {
        ApiKind::Responses => "responses",
        ApiKind::Images => "images/generations",
    };
    format!("{base}/{path}")
}
