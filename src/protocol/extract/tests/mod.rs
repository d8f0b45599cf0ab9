//! Answers as gateways send them, and what they say. Numbers are those of the quirk list (protocol.md 9).

mod failures;
mod images;
mod responses;
mod words;

use super::super::tests::{Kept, decode_in};
use super::*;

/// One line an event; pictures by what their bytes say.
fn told(body: &str) -> Vec<String> {
    told_cut(body, body.len())
}

/// The same for a body that ends after `len` bytes.
fn told_cut(body: &str, len: usize) -> Vec<String> {
    let decoded = decode_in(&body.as_bytes()[..len], None, &[usize::MAX]);
    let (mut extractor, mut events) = (Extractor::new(), Vec::new());
    for frame in &decoded.frames {
        extractor.frame(frame, &mut events);
    }
    extractor.end(&decoded.end, &mut events);
    let kept = Kept {
        blobs: decoded.blobs,
    };
    events.iter().map(|event| summary(event, &kept)).collect()
}

fn summary(event: &ServerEvent, kept: &Kept) -> String {
    let picture = |source: &ImageSource| match source {
        ImageSource::Blob(blob) => format!("blob of {}", kept.blobs[blob.0 as usize].bytes.len()),
        ImageSource::Inline(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ImageSource::Url(url) => url.clone(),
    };
    let place = |slot: &ResultSlot, claimed: &Claimed| {
        let mut words = Vec::new();
        words.extend(slot.item_id.clone());
        words.extend(slot.output_index.map(|index| format!("output {index}")));
        words.extend(slot.data_index.map(|index| format!("data {index}")));
        for claim in [
            &claimed.size,
            &claimed.format,
            &claimed.quality,
            &claimed.background,
        ] {
            words.extend(claim.clone());
        }
        words
            .iter()
            .fold(String::new(), |all, word| all + " · " + word)
    };
    match event {
        ServerEvent::Accepted { response_id } => {
            format!("accepted {}", response_id.as_deref().unwrap_or("-"))
        }
        ServerEvent::Progress(stage) => format!("{stage:?}"),
        ServerEvent::Preview {
            source,
            index,
            slot,
            claimed,
        } => {
            let index = index.map_or("-".to_owned(), |index| index.to_string());
            format!(
                "preview {index}: {}{}",
                picture(source),
                place(slot, claimed)
            )
        }
        ServerEvent::Result {
            source,
            slot,
            claimed,
            revised_prompt,
        } => {
            let revised = revised_prompt
                .as_ref()
                .map_or(String::new(), |words| format!(" «{words}»"));
            format!(
                "result: {}{}{revised}",
                picture(source),
                place(slot, claimed)
            )
        }
        ServerEvent::Text(words) => format!("text: {words}"),
        ServerEvent::Refusal(words) => format!("refusal: {words}"),
        ServerEvent::Usage(usage) => format!(
            "usage {:?} {:?} {:?} {:?} {:?}",
            usage.input_tokens,
            usage.input_text_tokens,
            usage.input_image_tokens,
            usage.output_tokens,
            usage.total_tokens
        )
        .replace("Some(", "")
        .replace([')'], ""),
        ServerEvent::RequestId(id) => format!("id {id}"),
        ServerEvent::Warning(error) => format!("warning {}", error.message),
        ServerEvent::Failed(error) => format!(
            "failed {}: {}",
            error.code.as_deref().unwrap_or("-"),
            error.message
        ),
        ServerEvent::Completed => "completed".to_owned(),
    }
}

/// A stream of data lines, with event names where the JSON has a `type`.
fn stream(events: &[&str]) -> String {
    events
        .iter()
        .fold(String::new(), |all, data| all + "data: " + data + "\n\n")
}

fn check(name: &str, body: &str, expected: &[&str]) {
    assert_eq!(told(body), expected, "{name}");
}

/// `…` in base64: "pic".
const PIC: &str = "cGlj";
