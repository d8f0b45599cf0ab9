//! The quick list of the gateways: which one new jobs go to.

use egui::{
    EventFilter, Frame, Id, Key as K, Margin, Modifiers, RichText, ScrollArea, TextEdit, Ui,
};

use crate::model::GatewayProfile;
use crate::ui::focus;
use crate::ui::intent::{GatewayIntent, Intent};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::gateway_name;
use crate::ui::text::Key;
use crate::ui::theme::icons;
use crate::ui::theme::tokens::{Palette, space};

use super::field::field_frame;
use super::row::{action_ui, row_ui};

/// With more profiles than this there is a field to search them.
const MANY: usize = 12;

pub(in crate::ui) fn show(ui: &mut Ui, view: &mut View<'_>, search: &mut String) {
    Frame::new().inner_margin(Margin::same(4)).show(ui, |ui| {
        ui.set_width(340.0);
        ui.spacing_mut().item_spacing.y = space::HAIR;
        let has_search = view.studio.settings.gateways.len() > MANY;
        let is_new = focus::is_new(ui, "gateway picker");
        if has_search {
            search_ui(ui, view, search, is_new);
        }
        let words = search.trim().to_lowercase();
        let fits = |profile: &&GatewayProfile| {
            let name = gateway_name(view.text, profile).to_lowercase();
            let urls = &profile.base_urls;
            name.contains(&words) || urls.iter().any(|url| url.contains(&words))
        };
        let profiles: Vec<&GatewayProfile> =
            view.studio.settings.gateways.iter().filter(fits).collect();
        let selected = view.studio.settings.gateway().id;
        let count = profiles.len() + 2;
        let current = profiles.iter().position(|p| p.id == selected);
        if is_new && !has_search {
            focus_row(ui, current.unwrap_or_default());
        }
        arrows(ui, count, has_search);

        let most = (ui.ctx().content_rect().height() - 180.0).max(160.0);
        let mut chosen = None;
        ScrollArea::vertical().max_height(most).show(ui, |ui| {
            for (i, profile) in profiles.iter().enumerate() {
                let is_selected = profile.id == selected;
                if row_ui(ui, view, profile, row_id(i), is_selected).clicked() {
                    chosen = Some(profile.id.clone());
                }
            }
            if profiles.is_empty() {
                let color = Palette::of(ui).weak;
                ui.label(RichText::new(view.t(Key::GatewaysNoneFound)).color(color));
            }
        });
        ui.separator();
        let last = profiles.len();
        let add = action_ui(ui, icons::ADD, view.t(Key::GatewayAddMore), row_id(last));
        let name = view.t(Key::GatewaysManage);
        let manage = action_ui(ui, icons::SETTINGS, name, row_id(last + 1));
        if let Some(id) = chosen {
            view.push(Intent::SelectGateway(id));
            view.push(Intent::Gateway(GatewayIntent::Pick(false)));
        }
        if add.clicked() {
            view.push(Intent::Gateway(GatewayIntent::ShowAdd(true)));
        }
        if manage.clicked() {
            view.push(Intent::ShowGateways(true));
        }
    });
}

fn row_id(i: usize) -> Id {
    Id::unique(("gateway picker row", i))
}

fn search_id() -> Id {
    Id::unique("gateway picker search")
}

fn focus_row(ui: &Ui, i: usize) {
    ui.memory_mut(|memory| memory.request_focus(row_id(i)));
}

/// Up and down go from row to row, and from the search to the first of them.
fn arrows(ui: &Ui, count: usize, has_search: bool) {
    let at = (0..count).find(|i| ui.memory(|memory| memory.has_focus(row_id(*i))));
    let in_search = ui.memory(|memory| memory.has_focus(search_id()));
    if at.is_none() && !in_search {
        return;
    }
    if let Some(i) = at {
        let filter = EventFilter {
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(row_id(i), filter));
    }
    let (up, down) = ui.input_mut(|input| {
        (
            input.consume_key(Modifiers::NONE, K::ArrowUp),
            input.consume_key(Modifiers::NONE, K::ArrowDown),
        )
    });
    match at {
        _ if !up && !down => {}
        None if down => focus_row(ui, 0),
        Some(0) if up && has_search => {
            ui.memory_mut(|memory| memory.request_focus(search_id()));
        }
        Some(i) if up => focus_row(ui, i.saturating_sub(1)),
        Some(i) => focus_row(ui, (i + 1).min(count - 1)),
        None => {}
    }
}

fn search_ui(ui: &mut Ui, view: &mut View<'_>, search: &mut String, is_new: bool) {
    let name = view.t(Key::GatewaysSearch);
    let field = TextEdit::singleline(search)
        .id(search_id())
        .hint_text(name)
        .frame(field_frame(Palette::of(ui), false))
        .desired_width(ui.available_width());
    let response = ui.add(field).accessible_name(name);
    if is_new {
        response.request_focus();
    }
    let pressed = |key: K| ui.input(|input| input.key_pressed(key));
    if response.lost_focus() && pressed(K::Enter) {
        focus_row(ui, 0);
    } else if response.lost_focus() && pressed(K::Escape) {
        view.push(Intent::Gateway(GatewayIntent::Pick(false)));
    }
    ui.add_space(space::XS);
}
