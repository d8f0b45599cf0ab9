//! What a gateway takes.

use egui::Ui;

use crate::model::{GatewayProfile, PixelSize, SizePolicy};
use crate::ui::state::{Field, Problem};
use crate::ui::text::Key;
use crate::ui::theme::tokens::Palette;
use crate::ui::widgets::segmented::Segmented;

use super::field::{Form, note, row, whole, whole_or_none};

const MEBIBYTE: f64 = 1_048_576.0;

/// The part in a few words.
pub(super) fn summary(form: &Form<'_, '_>) -> String {
    let capability = form.view.studio.catalog.capability(&form.profile);
    form.view.text.with(
        Key::GatewayLimitsSummary,
        [
            ("references", capability.max_references.into()),
            (
                "bytes",
                format!("{} MiB", mebibytes(capability.max_reference_bytes)).into(),
            ),
            ("parallel", form.profile.max_parallel.into()),
        ],
    )
}

pub(super) fn show(form: &mut Form<'_, '_>, ui: &mut Ui) {
    references_ui(ui, form);
    sizes_ui(ui, form);
    counts_ui(ui, form);
}

/// What the model takes where the profile says nothing.
fn of_the_model(form: &Form<'_, '_>) -> crate::model::ModelCapability {
    let mut bare = form.profile.clone();
    bare.limits = crate::model::GatewayLimits::default();
    form.view.studio.catalog.capability(&bare)
}

fn text_of<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn references_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let model = of_the_model(form);
    let name = form.view.t(Key::GatewayMaxReferences);
    let unit = form.view.t(Key::GatewayMaxReferencesUnit);
    let value = text_of(form.profile.limits.max_references);
    let hint = model.max_references.to_string();
    let apply = |profile: &mut GatewayProfile, text: &str| {
        let most = whole_or_none(text, 0, 64)?;
        profile.limits.max_references = most.and_then(|most| usize::try_from(most).ok());
        Ok(())
    };
    form.number_row(ui, Field::MaxReferences, (name, &hint, unit), &value, apply);

    let name = form.view.t(Key::GatewayMaxReferenceBytes);
    let value = form.profile.limits.max_reference_bytes.map(mebibytes);
    let hint = mebibytes(model.max_reference_bytes);
    let apply = |profile: &mut GatewayProfile, text: &str| {
        profile.limits.max_reference_bytes = bytes_of(text)?;
        Ok(())
    };
    let field = Field::MaxReferenceBytes;
    form.number_row(ui, field, (name, &hint, "MiB"), &text_of(value), apply);
}

/// Bytes as a number of mebibytes, such as `50` or `4.8`: what gateways call MB in their limits of files.
fn mebibytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^52")]
    let number = (bytes as f64 / MEBIBYTE * 10.0).round() / 10.0;
    number.to_string()
}

/// Reads a number of mebibytes.
fn bytes_of(text: &str) -> Result<Option<u64>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = super::field::amount(text)?;
    if !(0.1..=1_000.0).contains(&number) {
        return Err(Problem::NotBetween(1, 1_000));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between a tenth of a mebibyte and a thousand of them"
    )]
    let bytes = (number * MEBIBYTE).round() as u64;
    Ok(Some(bytes))
}

fn sizes_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let view = &form.view;
    let name = view.t(Key::GatewaySizes);
    let cells = [
        (SizePolicy::Strict, view.t(Key::GatewaySizesStrict)),
        (SizePolicy::Warn, view.t(Key::GatewaySizesWarn)),
        (SizePolicy::Off, view.t(Key::GatewaySizesOff)),
    ];
    let current = form.profile.limits.sizes;
    let words = view.t(match current {
        SizePolicy::Strict => Key::GatewaySizesStrictNote,
        SizePolicy::Warn => Key::GatewaySizesWarnNote,
        SizePolicy::Off => Key::GatewaySizesOffNote,
    });
    row(ui, name, |ui| {
        if let Some(policy) = Segmented::new(name, &cells, current).fill_width().show(ui) {
            form.profile.limits.sizes = policy;
        }
    });
    note(ui, words, Palette::of(ui).weak);
    if current == SizePolicy::Off {
        return;
    }
    let name = form.view.t(Key::GatewayExtraSizes);
    let hint = form.view.t(Key::GatewayExtraSizesHint);
    let sizes = &form.profile.limits.extra_sizes;
    let value = sizes.iter().map(ToString::to_string);
    let value = value.collect::<Vec<_>>().join(", ");
    let apply = |profile: &mut GatewayProfile, text: &str| {
        profile.limits.extra_sizes = sizes_of(text)?;
        Ok(())
    };
    form.text_row(ui, Field::ExtraSizes, (name, hint), &value, apply);
}

/// Reads sizes with blanks, commas or semicolons between them, in either width.
fn sizes_of(text: &str) -> Result<Vec<PixelSize>, Problem> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | ';' | '；');
    let words = text.split(is_between).filter(|word| !word.is_empty());
    let sizes: Result<_, _> = words.map(str::parse).collect();
    sizes.map_err(|_wrong| Problem::NotSizes)
}

fn counts_ui(ui: &mut Ui, form: &mut Form<'_, '_>) {
    let model = of_the_model(form);
    let name = form.view.t(Key::GatewayMaxCount);
    let unit = form.view.t(Key::GatewayMaxCountUnit);
    let value = text_of(form.profile.limits.max_count);
    let hint = model.max_count.to_string();
    let apply = |profile: &mut GatewayProfile, text: &str| {
        let most = whole_or_none(text, 1, 64)?;
        profile.limits.max_count = most.and_then(|most| u8::try_from(most).ok());
        Ok(())
    };
    form.number_row(ui, Field::MaxCount, (name, &hint, unit), &value, apply);

    let name = form.view.t(Key::GatewayUrlLifetime);
    let unit = form.view.t(Key::UnitMinutes);
    let value = (form.profile.limits.url_lifetime_secs / 60).to_string();
    let apply = |profile: &mut GatewayProfile, text: &str| {
        profile.limits.url_lifetime_secs = whole(text, 1, 10_080)? * 60;
        Ok(())
    };
    form.number_row(ui, Field::UrlLifetime, (name, "30", unit), &value, apply);

    let name = form.view.t(Key::GatewayMaxParallel);
    let unit = form.view.t(Key::GatewayMaxParallelUnit);
    let value = form.profile.max_parallel.to_string();
    let apply = |profile: &mut GatewayProfile, text: &str| {
        let most = whole(text, 1, 64)?;
        profile.max_parallel = usize::try_from(most).unwrap_or(1);
        Ok(())
    };
    form.number_row(ui, Field::MaxParallel, (name, "4", unit), &value, apply);

    let name = form.view.t(Key::GatewayMaxRetries);
    let unit = form.view.t(Key::GatewayMaxRetriesUnit);
    let value = form.profile.max_retries.to_string();
    let apply = |profile: &mut GatewayProfile, text: &str| {
        let most = whole(text, 0, 20)?;
        profile.max_retries = u32::try_from(most).unwrap_or_default();
        Ok(())
    };
    form.number_row(ui, Field::MaxRetries, (name, "2", unit), &value, apply);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let check = |text: &str, expected: &[&str]| {
            let sizes: Vec<String> = sizes_of(text)
                .unwrap()
                .iter()
                .map(PixelSize::to_string)
                .collect();
            assert_eq!(sizes, expected, "{text}");
        };
        check("1920x1080, 1080×1920", &["1920x1080", "1080x1920"]);
        check("１９２０×１０８０、720x1280；", &["1920x1080", "720x1280"]);
        check("", &[]);
        assert_eq!(sizes_of("1920x"), Err(Problem::NotSizes));
    }

    #[test]
    fn mebibytes_go_there_and_back() {
        for (text, bytes) in [("5", 5 << 20), ("0.5", 1 << 19), ("50", 50 << 20)] {
            assert_eq!(bytes_of(text), Ok(Some(bytes)));
            assert_eq!(mebibytes(bytes), text);
        }
        assert_eq!(bytes_of(""), Ok(None));
        for wrong in ["0", "many", "5000", "-1"] {
            assert!(bytes_of(wrong).is_err(), "{wrong}");
        }
        assert_eq!(mebibytes(5_000_000), "4.8");
    }
}
