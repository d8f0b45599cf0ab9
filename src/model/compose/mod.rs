//! What is written before something is sent: prompts with alternatives and variables, templates, batches, the draft.
//!
//! | file | what it is |
//! | --- | --- |
//! | `syntax/` | `{a|b|c}`, `{{variable}}` and `{argument name="…"}` in a text |
//! | `expand/` | a pattern, its values, a table and a folder become rows |
//! | `sheet.rs` | tables of values: CSV and TSV |
//! | `batch.rs` | the rows as they were edited, and what they are made from |
//! | `file_name.rs` | names of the results of a batch |
//! | `group.rs` | jobs that belong together: batches and fan-outs |
//! | `estimate.rs` | what they may cost, and how long they may take |
//! | `template.rs`, `exchange.rs` | templates and snippets, and their files |
//! | `history.rs` | earlier prompts |
//! | `draft.rs` | what is kept from one start to the next |
//! | `path.rs` | paths in the draft, whatever their names are |
//! | `count.rs` | words and characters |
//!
//! Nothing here is sent or stored; the engine does that.

mod batch;
mod count;
mod draft;
mod estimate;
mod exchange;
mod expand;
mod file_name;
mod group;
mod history;
mod path;
mod sheet;
mod syntax;
mod template;

pub use self::batch::{Batch, BatchRow, NamedSheet, ReferenceFolder};
pub use self::count::{TextCount, count_text};
pub use self::draft::{DRAFT_VERSION, Draft};
pub use self::estimate::{DEFAULT_PICTURE_MS, median_ms, total_ms};
pub use self::exchange::{ReadTemplates, read_templates, templates_to_json, templates_to_text};
pub use self::expand::{Combine, ExpandError, Expansion, Lengths, MAX_ROWS, Row, Source, expand};
pub use self::file_name::{DEFAULT_NAME_PATTERN, NameParts, name_of_row, safe_name};
pub use self::group::{GroupId, GroupKind, JobGroup, MAX_TARGETS, MIN_TARGETS, Target};
pub use self::history::{History, PastPrompt, find_prompts};
pub use self::sheet::{MAX_SHEET_BYTES, Sheet, SheetError};
pub use self::syntax::{Pattern, SyntaxFinding, SyntaxIssue, Variable};
pub use self::template::{
    Bilingual, OwnTemplate, Shelf, ShippedTemplate, TemplateEntry, TemplateFolder, TemplateTable,
    all_templates, find_templates,
};
