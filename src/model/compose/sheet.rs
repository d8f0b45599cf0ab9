//! Tables of values: CSV and TSV with the names of variables in the first row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Most bytes of a table that is read.
pub const MAX_SHEET_BYTES: usize = 8 << 20;
/// The unit separator of ASCII.
const SEPARATOR: u8 = 0x1f;
/// Most columns that are looked at.
const MAX_COLUMNS: usize = 200;

/// Why a file is no table.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SheetError {
    /// Neither UTF-8 nor UTF-16 nor GB 18030.
    #[error("the table is not UTF-8 text")]
    Encoding,
    /// More than [`MAX_SHEET_BYTES`].
    #[error("the table is larger than {MAX_SHEET_BYTES} bytes")]
    TooLarge,
    /// More rows than a batch may have.
    #[error("the table has more than {most} rows")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// No row below the names.
    #[error("the table has no rows below the names of its columns")]
    Empty,
    /// A quote that never ends, or the like.
    #[error("the table is broken in line {line}")]
    Broken {
        /// Counted from 1.
        line: u64,
    },
}

/// A table: named columns, and rows that are as long.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// Names of the columns: variables; unique, never empty.
    pub columns: Vec<String>,
    /// Rows of values, in the order of the file.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// Reads a table. Tabs, commas or semicolons separate, whichever the first line has most of, else full-width commas or
    /// semicolons; a byte order mark is skipped, UTF-16 is understood by it, and what is no UTF-8 is read as GB 18030, which
    /// a Chinese Excel writes. Blank rows and columns without a name are left out, short rows are filled up.
    ///
    /// # Errors
    /// [`SheetError`].
    pub fn read(bytes: &[u8], most_rows: usize) -> Result<Self, SheetError> {
        if bytes.len() > MAX_SHEET_BYTES {
            return Err(SheetError::TooLarge);
        }
        let (text, delimiter) = separated(decode(bytes)?);
        let quotes = quotes(&text, delimiter);
        if let (Quotes::Unclosed { line }, true) = (quotes, delimiter != b'\t') {
            return Err(SheetError::Broken { line });
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .delimiter(delimiter)
            // Programs that write tabs mostly write no quotes: one that stands there is an inch, or speech.
            .quoting(delimiter != b'\t' || quotes == Quotes::Sound)
            .from_reader(text.as_bytes());
        let mut records = reader.records();
        let mut next = || {
            for record in records.by_ref() {
                let record = record.map_err(|error| SheetError::Broken {
                    line: error.position().map_or(0, csv::Position::line),
                })?;
                if record.iter().any(|field| !field.is_empty()) {
                    return Ok(Some(record));
                }
            }
            Ok(None)
        };
        let head = next()?.ok_or(SheetError::Empty)?;
        let mut columns: Vec<String> = Vec::new();
        let mut places = Vec::new();
        for (place, name) in head.iter().enumerate().take(MAX_COLUMNS) {
            // Names may be written as they stand in the prompt.
            let name = name.trim_matches(['{', '}', '｛', '｝', ' ']);
            if !name.is_empty() && !columns.iter().any(|known| known == name) {
                columns.push(name.to_owned());
                places.push(place);
            }
        }
        let mut rows = Vec::new();
        while let Some(record) = next()? {
            if rows.len() == most_rows {
                return Err(SheetError::TooMany { most: most_rows });
            }
            let row = places
                .iter()
                .map(|place| record.get(*place).unwrap_or_default().to_owned());
            rows.push(row.collect());
        }
        if columns.is_empty() || rows.is_empty() {
            return Err(SheetError::Empty);
        }
        Ok(Self { columns, rows })
    }

    /// A row's values by column.
    #[must_use]
    pub fn values(&self, row: usize) -> BTreeMap<String, String> {
        let cells = self.rows.get(row).into_iter().flatten();
        self.columns.iter().cloned().zip(cells.cloned()).collect()
    }
}

fn decode(bytes: &[u8]) -> Result<String, SheetError> {
    let utf16 = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).filter_map(|pair| match pair {
            [a, b] => Some(read([*a, *b])),
            _ => None,
        });
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_lone_surrogate| SheetError::Encoding)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        bytes => utf8(bytes).or_else(|_other| gb18030(bytes)),
    }
}

fn gb18030(bytes: &[u8]) -> Result<String, SheetError> {
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.filter(|text| !text.contains('\0'));
    text.map(std::borrow::Cow::into_owned)
        .ok_or(SheetError::Encoding)
}

fn utf8(bytes: &[u8]) -> Result<String, SheetError> {
    let text = std::str::from_utf8(bytes).map_err(|_other| SheetError::Encoding)?;
    if text.contains('\0') {
        return Err(SheetError::Encoding);
    }
    Ok(text.to_owned())
}

/// How a text uses quotes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Quotes {
    /// Each field that begins with one ends with one.
    Sound,
    /// Some have more behind the quote that ends them.
    Loose,
    /// One begins in this line, counted from 1, and never ends.
    Unclosed { line: u64 },
}

fn quotes(text: &str, delimiter: u8) -> Quotes {
    let mut kind = Quotes::Sound;
    let mut line = 1;
    let mut begun = None;
    let mut at_start = true;
    let mut chars = text.bytes().peekable();
    while let Some(byte) = chars.next() {
        if byte == b'\n' {
            line += 1;
        }
        if begun.is_some() {
            if byte != b'"' {
                continue;
            }
            if chars.next_if_eq(&b'"').is_some() {
                continue;
            }
            begun = None;
            let next = chars.peek().copied().unwrap_or(b'\n');
            if next != delimiter && !matches!(next, b'\n' | b'\r') {
                kind = Quotes::Loose;
            }
        } else if byte == b'"' && at_start {
            begun = Some(line);
        }
        at_start = byte == delimiter || matches!(byte, b'\n' | b'\r');
    }
    begun.map_or(kind, |line| Quotes::Unclosed { line })
}

/// The text, and what separates its fields.
fn separated(text: String) -> (String, u8) {
    let head = text.lines().find(|line| !line.trim().is_empty());
    let head = head.unwrap_or_default();
    if head.contains([',', ';', '\t']) {
        let delimiter = delimiter(&text);
        return (text, delimiter);
    }
    // A reader of CSV knows separators of one byte; this one stands in no table that a person wrote.
    let wide = ['\u{ff0c}', '\u{ff1b}'].into_iter().max_by_key(|wide| {
        let times = head.chars().filter(|sign| sign == wide).count();
        (times, *wide == '\u{ff0c}')
    });
    match wide.filter(|wide| head.contains(*wide)) {
        Some(wide) => (unquoted_replaced(&text, wide), SEPARATOR),
        None => (text, b','),
    }
}

/// Puts [`SEPARATOR`] in place of `wide` where it is not inside quotes.
fn unquoted_replaced(text: &str, wide: char) -> String {
    let mut is_quoted = false;
    let mut at_start = true;
    text.chars()
        .map(|sign| {
            if sign == '"' && (is_quoted || at_start) {
                is_quoted = !is_quoted;
            }
            let separates = sign == wide && !is_quoted;
            at_start = separates || matches!(sign, '\n' | '\r') || sign == '"';
            if separates { SEPARATOR.into() } else { sign }
        })
        .collect()
}

fn delimiter(text: &str) -> u8 {
    let head = text.lines().find(|line| !line.trim().is_empty());
    let head = head.unwrap_or_default();
    let times = |sign: u8| head.bytes().filter(|byte| *byte == sign).count();
    // The first of equals counts, so a line without any is read as CSV.
    let mut best = (b',', times(b','));
    for sign in [b'\t', b';'] {
        if times(sign) > best.1 {
            best = (sign, times(sign));
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Sheet, SheetError> {
        Sheet::read(text.as_bytes(), 10)
    }

    #[test]
    fn tables_as_people_have_them() {
        let check = |text: &str, columns: &[&str], rows: &[&[&str]]| {
            let sheet = read(text).unwrap();
            assert_eq!(sheet.columns, columns, "{text}");
            assert_eq!(sheet.rows, rows, "{text}");
        };
        check(
            "city,light\nParis,dawn\nRome,dusk\n",
            &["city", "light"],
            &[&["Paris", "dawn"], &["Rome", "dusk"]],
        );
        check(
            "\u{feff}城市\t光线\r\n上海\t清晨\r\n",
            &["城市", "光线"],
            &[&["上海", "清晨"]],
        );
        check("a;b\n1,5;2\n", &["a", "b"], &[&["1,5", "2"]]);
        // Full-width separators, where there are no others.
        check(
            "城市，光线\n上海，\"清晨，有雾, 冷\"\n北京，傍晚\n",
            &["城市", "光线"],
            &[&["上海", "清晨，有雾, 冷"], &["北京", "傍晚"]],
        );
        check("甲；乙\n1，2；3\n", &["甲", "乙"], &[&["1，2", "3"]]);
        // Quotes that stand in tabbed text as signs, and those that enclose a field of it.
        check(
            "size\ttext\n\"5 inch\t\"hi\" he said\n2\t3\n",
            &["size", "text"],
            &[&["\"5 inch", "\"hi\" he said"], &["2", "3"]],
        );
        check("a\tb\n\"x\ty\"\t2\n", &["a", "b"], &[&["x\ty", "2"]]);
        check("a\n5\" nail\n", &["a"], &[&["5\" nail"]]);
        let gbk = b"\xb3\xc7\xca\xd0,b\n\xc9\xcf\xba\xa3,2\n";
        let sheet = Sheet::read(gbk, 10).unwrap();
        assert_eq!((&*sheet.columns[0], &*sheet.rows[0][0]), ("城市", "上海"));
        check(
            "{{a}},b,,a\n\"x, \"\"y\"\"\nz\",2,3,4\n\n,,\n1\n",
            &["a", "b"],
            &[&["x, \"y\"\nz", "2"], &["1", ""]],
        );
        let utf16: Vec<u8> = "\u{feff}a\n狐"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(Sheet::read(&utf16, 10).unwrap().rows, [["狐"]]);
    }

    #[test]
    fn what_is_no_table_is_told() {
        // Latin-1, which has bytes that are no GB 18030.
        assert_eq!(
            Sheet::read(b"caf\xe9,b\n1,2\n", 10),
            Err(SheetError::Encoding)
        );
        for (text, line) in [
            ("a,b\n1,\"two\n3,4\n5,6\n", 2),
            ("\"a,b\n1,2\n", 1),
            ("a\n\"x\ny\"\n\"z\n", 4),
        ] {
            assert_eq!(read(text), Err(SheetError::Broken { line }), "{text}");
        }
        assert_eq!(read("a,b\n"), Err(SheetError::Empty));
        assert_eq!(read(""), Err(SheetError::Empty));
        assert_eq!(read(",,\n1,2,3\n4,5,6\n").unwrap().columns, ["1", "2", "3"]);
        assert_eq!(
            read(&format!("a\n{}", "x\n".repeat(11))),
            Err(SheetError::TooMany { most: 10 })
        );
        assert_eq!(
            Sheet::read(&vec![b'a'; MAX_SHEET_BYTES + 1], 10),
            Err(SheetError::TooLarge)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_table_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(sheet) = Sheet::read(&bytes, 1000) {
                prop_assert!(sheet.rows.iter().all(|row| row.len() == sheet.columns.len()));
            }
        }
    }
}
