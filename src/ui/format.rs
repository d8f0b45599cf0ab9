//! Figures for people: sizes, lengths of time, bytes, money. The same in every language, but for words that stand in
//! place of a figure.

use crate::model::{Cost, PixelSize};

use super::text::{Key, Text};

/// `2560 × 1440`
#[must_use]
pub fn pixel_size(size: PixelSize) -> String {
    format!("{} × {}", size.width(), size.height())
}

/// `3.7 MP`
#[must_use]
pub fn megapixels(size: PixelSize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "areas stay far below 2^52")]
    let millions = size.pixels() as f64 / 1e6;
    format!("{millions:.1} MP")
}

/// `0:07`, `2:41`, `1:02:03`
#[must_use]
pub fn clock(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// `840 B`, `12 KB`, `3.4 MB`: decimal units with two digits where one would be coarse.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let value = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} KB", value / 1e3),
        1_000_000..10_000_000 => format!("{:.1} MB", value / 1e6),
        _ => format!("{:.0} MB", value / 1e6),
    }
}

/// `7.8 → 4.6 MB`: the unit of the larger one.
#[must_use]
pub fn bytes_change(from: u64, to: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let [from_value, to_value] = [from as f64, to as f64];
    if from.max(to) < 1_000_000 {
        return format!("{:.0} → {:.0} KB", from_value / 1e3, to_value / 1e3);
    }
    let digits = usize::from(from.max(to) < 100_000_000);
    format!(
        "{:.digits$} → {:.digits$} MB",
        from_value / 1e6,
        to_value / 1e6
    )
}

/// `12,345`
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Sums of several currencies, all of them estimates: `≈ $0.05`, `≈ $0.50 + ¥0.35`, `free`.
#[must_use]
pub fn costs(text: &Text, costs: &[Cost]) -> String {
    let sums: Vec<String> = costs
        .iter()
        .filter(|cost| !cost.is_free())
        .map(money)
        .collect();
    if sums.is_empty() {
        return text.get(Key::CostFree).to_owned();
    }
    let sums = sums.join(" + ");
    if sums.starts_with('<') {
        return sums;
    }
    format!("≈ {sums}")
}

/// `$0.005`, `¥0.35`, `12.50 EUR`: a third decimal only where two would be coarse.
fn money(cost: &Cost) -> String {
    let amount = cost.amount();
    let named = |figure: String| match cost.currency() {
        "USD" => format!("${figure}"),
        "CNY" => format!("¥{figure}"),
        other => format!("{figure} {other}"),
    };
    if amount < 0.0005 {
        return format!("< {}", named("0.001".to_owned()));
    }
    if amount < 0.1 {
        let figure = format!("{amount:.3}");
        return named(figure.strip_suffix('0').unwrap_or(&figure).to_owned());
    }
    named(format!("{amount:.2}"))
}

/// The first line of a text, cut after `max_chars` characters, for names and tooltips.
#[must_use]
pub fn line(text: &str, max_chars: usize) -> String {
    let mut out = String::new();
    for (i, word) in text.split_whitespace().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > max_chars * 4 {
            break;
        }
    }
    if out.chars().count() <= max_chars {
        return out;
    }
    let mut cut: String = out.chars().take(max_chars).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CostBasis, Language};

    #[test]
    fn figures_read_as_people_write_them() {
        for (ms, expected) in [
            (-5, "0:00"),
            (7_900, "0:07"),
            (161_000, "2:41"),
            (3_723_000, "1:02:03"),
        ] {
            assert_eq!(clock(ms), expected);
        }
        for (n, expected) in [
            (0, "0 B"),
            (840, "840 B"),
            (12_345, "12 KB"),
            (3_400_000, "3.4 MB"),
            (25_000_000, "25 MB"),
        ] {
            assert_eq!(bytes(n), expected);
        }
        for (from, to, expected) in [
            (7_800_000, 4_600_000, "7.8 → 4.6 MB"),
            (1_200_000, 40_000, "1.2 → 0.0 MB"),
            (900_000, 40_000, "900 → 40 KB"),
            (140_000_000, 4_960_000, "140 → 5 MB"),
        ] {
            assert_eq!(bytes_change(from, to), expected);
        }
        for (n, expected) in [(7, "7"), (1_234, "1,234"), (1_234_567, "1,234,567")] {
            assert_eq!(count(n), expected);
        }
    }

    #[test]
    fn money_has_as_many_decimals_as_it_needs() {
        let english = Text::new(Language::English);
        let check = |sums: &[(f64, &str)], expected: &str| {
            let sums: Vec<Cost> = sums
                .iter()
                .map(|&(amount, currency)| {
                    Cost::new(amount, currency, CostBasis::ListPrice).unwrap()
                })
                .collect();
            assert_eq!(costs(&english, &sums), expected);
        };
        check(&[(0.05, "USD")], "≈ $0.05");
        check(&[(0.053, "USD")], "≈ $0.053");
        check(&[(0.005, "USD")], "≈ $0.005");
        check(&[(0.000_2, "USD")], "< $0.001");
        check(&[(0.099_9, "USD")], "≈ $0.10");
        check(&[(0.100_43, "USD")], "≈ $0.10");
        check(&[(12.0, "USD")], "≈ $12.00");
        check(&[(0.35, "CNY")], "≈ ¥0.35");
        check(&[(0.05, "EUR")], "≈ 0.05 EUR");
        check(
            &[(0.5, "USD"), (0.0, "EUR"), (0.35, "CNY")],
            "≈ $0.50 + ¥0.35",
        );
        check(&[(0.0, "USD")], "free");
        let chinese = Text::new(Language::Chinese);
        let free = Cost::new(0.0, "CNY", CostBasis::Profile).unwrap();
        assert_eq!(costs(&chinese, &[free]), "免费");
    }

    #[test]
    fn a_line_is_one_line_and_no_longer_than_asked() {
        assert_eq!(line("a\n b\t c", 10), "a b c");
        assert_eq!(line("雪中的红狐狸", 4), "雪中的红…");
        assert_eq!(line(&"x ".repeat(100_000), 3), "x x…");
    }
}
