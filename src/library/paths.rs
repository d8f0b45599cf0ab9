//! Where everything lies, and what it is called. Pure: nothing here touches the disk.

use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::compose::safe_name;
use crate::model::{ImageFormat, ImageId, JobId};

/// Longest slug in bytes. With date, id and extension a name stays below 120 bytes; file systems allow 255.
pub const MAX_SLUG_BYTES: usize = 80;

/// Longest name of a batch's result in bytes, without date, id and extension.
const MAX_NAME_BYTES: usize = 120;

/// The slug of a prompt without a letter or digit.
const FALLBACK_SLUG: &str = "picture";

/// The folders and files of one library. All absolute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LibraryPaths {
    /// Folder of the results; the user's own, and the only one that matters.
    pub root: PathBuf,
    /// The index, a file that can be deleted and rebuilt.
    pub index: PathBuf,
    /// Folder of the kept previews.
    pub previews: PathBuf,
    /// Folder of masks and of references that were made here or pasted: the user's work, which nothing else has.
    pub made: PathBuf,
    /// Folder of what can be deleted at any time: thumbnails and copies of references.
    pub cache: PathBuf,
    /// Folder of deleted results.
    pub trash: PathBuf,
}

impl LibraryPaths {
    /// The lasting place of a preview: `<previews>/<yyyy>/<mm>/<job>/<index>-<preview>.<ext>`.
    ///
    /// Year and month are those of the job's id in UTC, so that the path follows from the ids alone.
    #[must_use]
    pub fn preview(&self, job: JobId, index: u32, preview: u32, format: ImageFormat) -> PathBuf {
        let created_ms = i64::try_from(job.unix_ms()).unwrap_or(i64::MAX);
        let date = timestamp(created_ms).to_zoned(TimeZone::UTC).date();
        self.previews
            .join(format!("{:04}", date.year()))
            .join(format!("{:02}", date.month()))
            .join(job.to_string())
            .join(format!("{index}-{preview}.{}", format.extension()))
    }
}

/// Path of a result below the root: `2026/11/20261120-153012_red-fox-in-snow_3f2a.png`.
///
/// `created_ms` counts milliseconds since 1970 (UTC); the name has the local time of `time_zone`. `words` are a [`slug`]
/// or a [`part_of_name`]. Parts are separated by `/` on every system, and each is a legal file name on Windows, macOS and
/// Linux.
#[must_use]
pub fn result_path(
    created_ms: i64,
    time_zone: &TimeZone,
    words: &str,
    id: ImageId,
    format: ImageFormat,
) -> String {
    let local = timestamp(created_ms).to_zoned(time_zone.clone()).datetime();
    format!(
        "{year:04}/{month:02}/{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}_{words}_{short}.{extension}",
        year = local.year(),
        month = local.month(),
        day = local.day(),
        hour = local.hour(),
        minute = local.minute(),
        second = local.second(),
        short = id.short(),
        extension = format.extension(),
    )
}

/// The part of a file name that the user's own pattern made. Safe whatever it says, never empty, at most
/// `MAX_NAME_BYTES` long.
#[must_use]
pub fn part_of_name(name: &str) -> String {
    let safe = safe_name(name, MAX_NAME_BYTES);
    if safe.is_empty() {
        FALLBACK_SLUG.to_owned()
    } else {
        safe
    }
}

/// The part of a file name that tells what a prompt was about.
///
/// Lower case; letters and digits of every script stay, each run of anything else becomes one `-`. Never empty, never
/// longer than [`MAX_SLUG_BYTES`], never the name of a Windows device, without a `-` at either end.
#[must_use]
pub fn slug(prompt: &str) -> String {
    let mut slug = String::new();
    let mut has_gap = false;
    for c in prompt.chars().flat_map(char::to_lowercase) {
        if !c.is_alphanumeric() {
            has_gap = true;
            continue;
        }
        let dash = usize::from(has_gap && !slug.is_empty());
        if slug.len() + dash + c.len_utf8() > MAX_SLUG_BYTES {
            break;
        }
        if dash == 1 {
            slug.push('-');
        }
        slug.push(c);
        has_gap = false;
    }
    if slug.is_empty() {
        return FALLBACK_SLUG.to_owned();
    }
    if is_windows_device(&slug) {
        slug.push('-');
        slug.push_str(FALLBACK_SLUG);
    }
    slug
}

/// Names that Windows keeps for devices, whatever their extension (Microsoft, «Naming Files, Paths, and Namespaces»).
fn is_windows_device(name: &str) -> bool {
    if matches!(name, "con" | "prn" | "aux" | "nul") {
        return true;
    }
    let numbered = name
        .strip_prefix("com")
        .or_else(|| name.strip_prefix("lpt"));
    let mut rest = numbered.unwrap_or_default().chars();
    matches!(
        (rest.next(), rest.next()),
        (Some('0'..='9' | '¹' | '²' | '³'), None)
    )
}

/// `path` with `-2`, `-3` … before its extension; itself for the first.
pub(super) fn numbered(path: &str, number: u32) -> String {
    if number <= 1 {
        return path.to_owned();
    }
    let name_start = path.rfind('/').map_or(0, |at| at + 1);
    match path.rfind('.').filter(|dot| *dot > name_start) {
        Some(dot) => {
            let (stem, extension) = path.split_at(dot);
            format!("{stem}-{number}{extension}")
        }
        None => format!("{path}-{number}"),
    }
}

/// The sidecar of a picture: the same name with the extension `xmp` (XMP specification part 3, section 1.2).
#[must_use]
pub fn sidecar_path(picture: &Path) -> PathBuf {
    picture.with_extension("xmp")
}

/// `base` and a path of the index below it; `None` for one that would lead out of `base`.
pub(super) fn below(base: &Path, relative: &str) -> Option<PathBuf> {
    let relative = Path::new(relative);
    let is_inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (is_inside && !relative.as_os_str().is_empty()).then(|| base.join(relative))
}

/// A path below `base` in the spelling of the index; `None` if it is not below, or not Unicode.
pub(super) fn relative_to(base: &Path, path: &Path) -> Option<String> {
    let mut relative = String::new();
    for part in path.strip_prefix(base).ok()?.components() {
        let Component::Normal(part) = part else {
            return None;
        };
        if !relative.is_empty() {
            relative.push('/');
        }
        relative.push_str(part.to_str()?);
    }
    (!relative.is_empty()).then_some(relative)
}

/// Times outside of jiff's years -9999 to 9999 come from damaged data; they are cut to 1970.
fn timestamp(created_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(created_ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        let check = |prompt: &str, expected: &str| assert_eq!(slug(prompt), expected, "{prompt:?}");
        check("Red fox in snow", "red-fox-in-snow");
        check("  雪地里的红狐狸，水墨  ", "雪地里的红狐狸-水墨");
        check("a/b\\c:d*e?f\"g<h>i|j", "a-b-c-d-e-f-g-h-i-j");
        check("../../etc/passwd", "etc-passwd");
        check("ends with dots...  ", "ends-with-dots");
        check("🦊🦊🦊", "picture");
        check("🦊 fox 👩‍👩‍👧 family", "fox-family");
        check("", "picture");
        check("\0\n\t", "picture");
        check("CON", "con-picture");
        check("com1", "com1-picture");
        check("LPT²", "lpt²-picture");
        check("com10", "com10");
        check("console", "console");
        check("ÄÖÜ Straße İstanbul", "äöü-straße-i-stanbul");
        check("Москва 2026", "москва-2026");
    }

    #[test]
    fn a_slug_is_cut_between_characters() {
        for prompt in ["狐".repeat(500), "x".repeat(500), "xé狐".repeat(90)] {
            let slug = slug(&prompt);
            assert!(slug.len() <= MAX_SLUG_BYTES && slug.len() > MAX_SLUG_BYTES - 4);
            assert!(prompt.starts_with(&slug));
        }
        let spaced = format!("{} end", "x".repeat(MAX_SLUG_BYTES));
        assert_eq!(slug(&spaced), "x".repeat(MAX_SLUG_BYTES));
    }

    #[test]
    fn a_result_is_named_by_local_time_prompt_and_id() {
        let id = ImageId::from_u64(0x1234_5678_9abc_3f2a).unwrap();
        let created_ms = 1_795_188_612_345; // 2026-11-20 15:30:12.345 UTC
        let path = |zone: &TimeZone, format| {
            result_path(created_ms, zone, &slug("Red fox in snow"), id, format)
        };
        assert_eq!(
            path(&TimeZone::UTC, ImageFormat::Png),
            "2026/11/20261120-153012_red-fox-in-snow_3f2a.png"
        );
        let shanghai = TimeZone::fixed(jiff::tz::offset(8));
        assert_eq!(
            path(&shanghai, ImageFormat::Jpeg),
            "2026/11/20261120-233012_red-fox-in-snow_3f2a.jpg"
        );
        let damaged = result_path(i64::MAX, &shanghai, "x", id, ImageFormat::Webp);
        assert_eq!(damaged, "1970/01/19700101-080000_x_3f2a.webp");
    }

    #[test]
    fn clashing_names_are_numbered() {
        assert_eq!(numbered("2026/11/a.png", 1), "2026/11/a.png");
        assert_eq!(numbered("2026/11/a.png", 2), "2026/11/a-2.png");
        assert_eq!(numbered("2026.11/a", 3), "2026.11/a-3");
    }

    #[test]
    fn paths_of_the_index_stay_inside() {
        let base = Path::new("/base");
        assert_eq!(below(base, "2026/a.png"), Some(base.join("2026/a.png")));
        for bad in ["../a.png", "2026/../../a.png", "/etc/passwd", "", "./a"] {
            assert_eq!(below(base, bad), None, "{bad}");
        }
        assert_eq!(
            relative_to(base, Path::new("/base/2026/狐.png")).as_deref(),
            Some("2026/狐.png")
        );
        assert_eq!(relative_to(base, Path::new("/other/a.png")), None);
        assert_eq!(relative_to(base, base), None);
    }

    #[test]
    fn a_preview_lies_with_its_job() {
        let paths = LibraryPaths {
            root: "/r".into(),
            index: "/i".into(),
            previews: "/p".into(),
            made: "/m".into(),
            cache: "/c".into(),
            trash: "/t".into(),
        };
        let job = JobId::from_parts(1_795_188_612_345, 7);
        assert_eq!(
            paths.preview(job, 1, 0, ImageFormat::Jpeg),
            Path::new("/p/2026/11")
                .join(job.to_string())
                .join("1-0.jpg")
        );
    }
}
