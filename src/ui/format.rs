//! Figures for people: sizes, lengths of time, bytes. The same in every language.

use crate::model::PixelSize;

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
    fn a_line_is_one_line_and_no_longer_than_asked() {
        assert_eq!(line("a\n b\t c", 10), "a b c");
        assert_eq!(line("雪中的红狐狸", 4), "雪中的红…");
        assert_eq!(line(&"x ".repeat(100_000), 3), "x x…");
    }
}
