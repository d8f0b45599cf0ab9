//! A profile as a row of a list: its name, its host, and whether it has a key.

use egui::{
    Align2, Color32, CornerRadius, CursorIcon, FontId, Id, Rect, Response, Role, Sense, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::model::{GatewayProfile, Preset, host_of};
use crate::ui::panels::View;
use crate::ui::panels::top_bar::gateway_name;
use crate::ui::text::Key;
use crate::ui::theme::icons::{self, Icon};
use crate::ui::theme::tokens::{Palette, radius, size, space};
use crate::ui::widgets::segmented::focus_ring;
pub(super) use crate::ui::widgets::text_line::line;

const HEIGHT: f32 = 40.0;

/// Draws it; clicked or entered it means «this one».
pub(super) fn row_ui(
    ui: &mut Ui,
    view: &View<'_>,
    profile: &GatewayProfile,
    id: Id,
    is_selected: bool,
) -> Response {
    let palette = Palette::of(ui);
    let name = gateway_name(view.text, profile);
    let (rect, response) = place_ui(ui, id, HEIGHT, is_selected);
    response.widget_info(|| {
        WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_selected, name)
    });
    let State {
        icon,
        words,
        about,
        color,
    } = state_of(view, profile, palette);
    let about_key = about.map(|about| view.t(about));
    let mut right = rect.right() - space::S;
    if let Some(icon) = icon {
        ui.painter().text(
            pos2(right, rect.center().y),
            Align2::RIGHT_CENTER,
            icon.glyph(),
            icon.font(size::ICON),
            color,
        );
        right -= size::ICON + space::XS;
    }
    if let Some(words) = &words {
        let drawn = ui.painter().text(
            pos2(right, rect.center().y),
            Align2::RIGHT_CENTER,
            words,
            FontId::proportional(size::SMALL),
            color,
        );
        right = drawn.left() - space::S;
    }
    let left = rect.left() + space::S;
    let width = right - left;
    let address = profile.base_urls.first().map_or("", |url| host_of(url));
    if address.is_empty() {
        line(
            ui,
            (left, rect.center().y),
            width,
            name,
            size::BODY,
            palette.strong,
        );
    } else {
        line(
            ui,
            (left, rect.top() + 13.0),
            width,
            name,
            size::BODY,
            palette.strong,
        );
        line(
            ui,
            (left, rect.top() + 28.0),
            width,
            address,
            size::SMALL,
            palette.weak,
        );
    }
    let about_key = about_key.or(words.as_deref()).unwrap_or_default();
    let lines = [name, address, about_key].map(str::to_owned);
    let whole = lines.into_iter().filter(|line| !line.is_empty());
    let whole = whole.collect::<Vec<_>>().join("\n");
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_description(about_key));
    response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text(whole)
}

/// The end of a row.
struct State {
    icon: Option<Icon>,
    words: Option<String>,
    /// What the icon means, where no words beside it say so.
    about: Option<Key>,
    color: Color32,
}

/// What is said at the end of the row, and how it looks.
fn state_of(view: &View<'_>, profile: &GatewayProfile, palette: &Palette) -> State {
    if let Some(ms) = view.studio.gateways.paused_ms(&profile.id, view.now_ms) {
        return State {
            icon: Some(icons::SLOWED),
            words: Some(seconds(view, ms)),
            about: None,
            color: palette.warn,
        };
    }
    if !view.studio.has_key(profile) {
        return State {
            icon: None,
            words: Some(view.t(Key::GatewayKeyMissing).to_owned()),
            about: None,
            color: palette.weak,
        };
    }
    // A check would be taken for «in use».
    let needs_key = profile.preset != Preset::Demo;
    State {
        icon: needs_key.then_some(icons::KEY),
        words: None,
        about: needs_key.then_some(Key::GatewayKeyHere),
        color: palette.ok,
    }
}

/// `12 s`, rounded up.
pub(in crate::ui) fn seconds(view: &View<'_>, ms: i64) -> String {
    let seconds = u64::try_from((ms + 999) / 1_000).unwrap_or_default();
    view.text.with(Key::Seconds, [("count", seconds.into())])
}

/// A row that does something: an icon and a few words.
pub(super) fn action_ui(ui: &mut Ui, icon: Icon, name: &str, id: Id) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = place_ui(ui, id, size::CONTROL + space::XS, false);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let left = rect.left() + space::S;
    ui.painter().text(
        pos2(left, rect.center().y),
        Align2::LEFT_CENTER,
        icon.glyph(),
        icon.font(size::ICON),
        palette.weak,
    );
    let left = left + size::ICON + space::S;
    let width = rect.right() - left - space::S;
    line(
        ui,
        (left, rect.center().y),
        width,
        name,
        size::BODY,
        palette.text,
    );
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// The place of a row, with the ground that shows where pointer and keyboard are.
fn place_ui(ui: &mut Ui, id: Id, height: f32, is_selected: bool) -> (Rect, Response) {
    let palette = Palette::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let response = ui.interact(rect, id, Sense::click());
    let corner = CornerRadius::same(radius::CONTROL);
    if is_selected {
        ui.painter().rect_filled(rect, corner, palette.accent_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, corner, palette.control);
    }
    if response.has_focus() {
        focus_ring(ui, rect, radius::CONTROL);
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    (rect, response)
}

/// A preset as a row: its name, and where it is.
pub(super) fn preset_ui(ui: &mut Ui, name: &str, place: &str, id: Id) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = place_ui(ui, id, size::CONTROL + space::XS, false);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let middle = rect.center().y;
    let left = rect.left() + space::S;
    ui.painter().text(
        pos2(left, middle),
        Align2::LEFT_CENTER,
        icons::ADD.glyph(),
        icons::ADD.font(size::ICON),
        palette.weak,
    );
    let left = left + size::ICON + space::S;
    let drawn = ui.painter().text(
        pos2(rect.right() - space::S, middle),
        Align2::RIGHT_CENTER,
        place,
        FontId::proportional(size::SMALL),
        palette.weak,
    );
    let width = drawn.left() - left - space::S;
    line(ui, (left, middle), width, name, size::BODY, palette.text);
    response.on_hover_cursor(CursorIcon::PointingHand)
}
