//! The way to a gateway, and how long to wait on it.

use egui::Ui;

use crate::model::{GatewayProfile, Proxy, host_of};
use crate::ui::state::{Draft, Field, Problem};
use crate::ui::text::Key;
use crate::ui::theme::tokens::Palette;
use crate::ui::widgets::segmented::Segmented;

use super::field::{Form, note, row, whole, whole_or_none};

/// The longest wait, in seconds: a day.
const MOST_SECS: u64 = 86_400;

/// The ways.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    System,
    Direct,
    Url,
}

/// The part in a few words.
pub(super) fn summary(form: &Form<'_, '_>) -> String {
    match &form.profile.proxy {
        Proxy::System => form.view.t(Key::GatewayProxySystem).to_owned(),
        Proxy::Direct => form.view.t(Key::GatewayProxyNone).to_owned(),
        // Name and password of a proxy are nobody's business.
        Proxy::Url(url) => host_of(url).to_owned(),
    }
}

pub(super) fn show(form: &mut Form<'_, '_>, ui: &mut Ui) {
    proxy_ui(ui, form);
    let secs = form.view.t(Key::UnitSeconds);
    let times = form.profile.timeouts;
    let mut limit = |form: &mut Form<'_, '_>,
                     (field, name): (Field, Key),
                     value: u64,
                     place: fn(&mut GatewayProfile) -> &mut u64| {
        let name = form.view.t(name);
        let apply = |profile: &mut GatewayProfile, text: &str| {
            *place(profile) = whole(text, 1, MOST_SECS)?;
            Ok(())
        };
        form.number_row(ui, field, (name, "", secs), &value.to_string(), apply);
    };
    let field = (Field::Connect, Key::GatewayTimeConnect);
    limit(form, field, times.connect_secs, |p| {
        &mut p.timeouts.connect_secs
    });
    let field = (Field::FirstByte, Key::GatewayTimeFirstByte);
    limit(form, field, times.first_byte_secs, |p| {
        &mut p.timeouts.first_byte_secs
    });
    let field = (Field::Silence, Key::GatewayTimeSilence);
    limit(form, field, times.silence_secs, |p| {
        &mut p.timeouts.silence_secs
    });

    let name = form.view.t(Key::GatewayTimeTotal);
    let none = form.view.t(Key::GatewayTimeNone);
    let total = times.total_secs.map(|secs| secs.to_string());
    let apply = |profile: &mut GatewayProfile, text: &str| {
        profile.timeouts.total_secs = whole_or_none(text, 1, MOST_SECS)?;
        Ok(())
    };
    let total = total.unwrap_or_default();
    form.number_row(ui, Field::Total, (name, none, secs), &total, apply);
    note(ui, form.view.t(Key::GatewayTimeNote), Palette::of(ui).weak);
}

fn proxy_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let is_typed = form.edit.drafts.contains_key(&Field::ProxyUrl);
    let (way, url) = match &form.profile.proxy {
        Proxy::Url(url) => (Way::Url, url.clone()),
        _ if is_typed => (Way::Url, String::new()),
        Proxy::System => (Way::System, String::new()),
        Proxy::Direct => (Way::Direct, String::new()),
    };
    let name = form.view.t(Key::GatewayProxy);
    let cells = [
        (Way::System, form.view.t(Key::GatewayProxySystem)),
        (Way::Direct, form.view.t(Key::GatewayProxyNone)),
        (Way::Url, form.view.t(Key::GatewayProxyUrl)),
    ];
    row(ui, name, |ui| {
        let Some(chosen) = Segmented::new(name, &cells, way).fill_width().show(ui) else {
            return;
        };
        form.edit.drafts.remove(&Field::ProxyUrl);
        match chosen {
            Way::System => form.profile.proxy = Proxy::System,
            Way::Direct => form.profile.proxy = Proxy::Direct,
            // The way before stays until there is an address.
            Way::Url => {
                let draft = Draft {
                    text: String::new(),
                    problem: Some(Problem::Needed),
                };
                form.edit.drafts.insert(Field::ProxyUrl, draft);
            }
        }
    });
    if way == Way::Url {
        let name = form.view.t(Key::GatewayProxyAddress);
        let hint = "socks5://127.0.0.1:1080";
        form.text_row(ui, Field::ProxyUrl, (name, hint), &url, |profile, text| {
            profile.proxy = Proxy::Url(proxy_url(text)?);
            Ok(())
        });
    }
}

/// The address of a proxy: `http`, `https`, `socks5` or `socks5h`, a host and a port.
fn proxy_url(text: &str) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(Problem::Needed);
    }
    let (scheme, rest) = text.split_once("://").ok_or(Problem::NotAProxy)?;
    let scheme = scheme.to_ascii_lowercase();
    let is_known = matches!(scheme.as_str(), "http" | "https" | "socks5" | "socks5h");
    let rest = rest.trim_end_matches('/');
    let address = rest.rsplit('@').next().unwrap_or_default();
    let (host, port) = address.rsplit_once(':').ok_or(Problem::NotAProxy)?;
    let is_host = !host.is_empty() && !host.contains(['/', ' ', '?', '#']);
    if is_known && is_host && port.parse::<u16>().is_ok_and(|port| port > 0) {
        Ok(format!("{scheme}://{rest}"))
    } else {
        Err(Problem::NotAProxy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_proxies() {
        for (text, expected) in [
            ("socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080"),
            ("HTTP://proxy.example:8080/", "http://proxy.example:8080"),
            ("socks5h://me:pw@host:1", "socks5h://me:pw@host:1"),
            ("http://[::1]:3128", "http://[::1]:3128"),
        ] {
            assert_eq!(proxy_url(text).as_deref(), Ok(expected));
        }
        assert_eq!(proxy_url(""), Err(Problem::Needed));
        for wrong in [
            "127.0.0.1:1080",
            "ftp://host:21",
            "http://host",
            "http://:80",
            "http://host:0",
            "http://a b:1",
        ] {
            assert_eq!(proxy_url(wrong), Err(Problem::NotAProxy), "{wrong}");
        }
    }
}
