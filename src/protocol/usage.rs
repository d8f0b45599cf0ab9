//! Token counts in all their spellings (protocol.md 10.1).

use serde_json::Value;

use crate::model::Usage;

/// Reads a `usage` object. `None` when it says nothing, as iKun's placeholder 5/5/10.
pub(super) fn read(usage: &Value) -> Option<Usage> {
    let details = |first, second| usage.get(first).or_else(|| usage.get(second));
    let input = details("input_tokens_details", "prompt_tokens_details");
    let output = details("output_tokens_details", "completion_tokens_details");
    let detail = |details: Option<&Value>, name| count(details?.get(name));
    let either = |first, second| count(usage.get(first)).or_else(|| count(usage.get(second)));
    let read = Usage {
        input_tokens: either("input_tokens", "prompt_tokens"),
        input_text_tokens: detail(input, "text_tokens"),
        input_image_tokens: detail(input, "image_tokens"),
        output_tokens: either("output_tokens", "completion_tokens"),
        output_image_tokens: detail(output, "image_tokens"),
        output_text_tokens: detail(output, "text_tokens"),
        total_tokens: count(usage.get("total_tokens")),
    };
    (read != Usage::default() && !read.is_placeholder()).then_some(read)
}

/// An integer that may have been sent as a float or a string.
fn count(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse()
                .ok()
                .or_else(|| text.parse().ok().and_then(whole))
        }
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be in range"
)]
fn whole(number: f64) -> Option<u64> {
    // 2^53: above it a float is no count.
    (0.0..=9_007_199_254_740_992.0)
        .contains(&number)
        .then(|| number.round() as u64)
}
