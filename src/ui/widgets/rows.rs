//! Lists of rows that all have one height.

/// Where a list `height` points high is scrolled to, so that row `row` is seen with one before and one after it; as near
/// to `now` as can be. All in points.
#[must_use]
pub fn scroll_to_row(now: f32, row: usize, row_height: f32, height: f32) -> f32 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a list of at most some thousands"
    )]
    let top = row as f32 * row_height;
    scroll_to(now, top, row_height, height)
}

/// The same for something that begins `top` points below the first row.
#[must_use]
pub fn scroll_to(now: f32, top: f32, row_height: f32, height: f32) -> f32 {
    let least = (top + 2.0 * row_height - height).max(0.0);
    now.clamp(least, (top - row_height).max(least))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the very same values")]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_brought_into_view_and_no_further() {
        let check = |now, row, expected| assert_eq!(scroll_to_row(now, row, 10.0, 100.0), expected);
        check(0.0, 0, 0.0);
        check(0.0, 8, 0.0);
        check(0.0, 9, 10.0);
        check(55.0, 9, 55.0);
        check(200.0, 9, 80.0);
        check(200.0, 0, 0.0);
        // A list that is lower than three rows.
        assert_eq!(scroll_to_row(0.0, 5, 10.0, 15.0), 55.0);
    }
}
