//! The recipe as an XMP property (XMP specification part 1, 7; RDF/XML).
//!
//! Packets of others are changed as text: one property is taken out and one put in, everything else stays as it was.

use std::ops::Range;

/// The namespace of our property; other programs may give it another prefix than `atelier`.
const NAMESPACE: &str = "urn:x-atelier:recipe:1/";

const RDF_END: &str = "</rdf:RDF>";

/// A packet that holds the recipe and nothing else.
pub(super) fn packet(recipe: &str) -> String {
    let description = description("\"\"", recipe);
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         {description}{RDF_END}\n\
         </x:xmpmeta>\n\
         <?xpacket end=\"w\"?>\n"
    )
}

/// An existing packet with the recipe added or replaced; `None` when it is not in a form that can be changed as text.
pub(super) fn merged(packet: &[u8], recipe: &str) -> Option<String> {
    let mut packet = std::str::from_utf8(packet).ok()?.to_owned();
    while let Some(found) = find(&packet) {
        packet.replace_range(found.property, "");
    }
    let end = packet.rfind(RDF_END)?;
    // All descriptions of a packet are about the same thing (XMP specification part 1, 7.4).
    let about = quoted_after(&packet, "rdf:about=").map_or("\"\"", |value| &packet[value]);
    let description = description(about, recipe);
    packet.insert_str(end, &description);
    Some(packet)
}

/// The recipe in a packet.
pub(super) fn recipe(packet: &str) -> Option<String> {
    let found = find(packet)?;
    Some(unescape(packet.get(found.value)?))
}

/// `about` with its quotes.
fn description(about: &str, recipe: &str) -> String {
    let recipe = escape(recipe);
    format!(
        "<rdf:Description rdf:about={about} xmlns:atelier=\"{NAMESPACE}\">\n\
         <atelier:recipe>{recipe}</atelier:recipe>\n\
         </rdf:Description>\n"
    )
}

/// Places in a packet.
struct Found {
    /// The whole element or attribute.
    property: Range<usize>,
    /// Its value, escaped.
    value: Range<usize>,
}

/// Finds the property as an element, as we write it, or as an attribute, as other programs may have rewritten it.
fn find(packet: &str) -> Option<Found> {
    let namespace = packet.find(NAMESPACE)?;
    let declaration = packet.get(..namespace)?.trim_end_matches(['"', '\'']);
    let declaration = declaration.trim_end().strip_suffix('=')?.trim_end();
    let (_, prefix) = declaration.rsplit_once("xmlns:")?;

    let open = format!("<{prefix}:recipe>");
    if let Some(start) = packet.find(&open) {
        let close = format!("</{prefix}:recipe>");
        let value_start = start + open.len();
        let value_end = value_start + packet.get(value_start..)?.find(&close)?;
        return Some(Found {
            property: start..value_end + close.len(),
            value: value_start..value_end,
        });
    }
    let name = format!("{prefix}:recipe=");
    let start = packet.find(&name)?;
    let quoted = quoted_after(packet, &name)?;
    Some(Found {
        property: start..quoted.end,
        value: quoted.start + 1..quoted.end - 1,
    })
}

/// The quoted text that follows the first `name`, with its quotes.
fn quoted_after(text: &str, name: &str) -> Option<Range<usize>> {
    let start = text.find(name)? + name.len();
    let rest = text.get(start..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let length = rest.get(1..)?.find(quote)?;
    Some(start..start + length + 2)
}

/// JSON as element content. What XML 1.0 (2.2) cannot hold stands inside a JSON string, so a JSON escape does for it.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + json.len() / 8);
    for c in json.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // Else a parser makes a line feed of it.
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.extend(format!("\\u{:04x}", u32::from(c)).chars());
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from_entity)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = from_entity
            .split_once(';')
            .and_then(|(name, after)| Some((entity(name)?, after)));
        let (c, after) = entity.unwrap_or(('&', from_entity));
        plain.push(c);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}
