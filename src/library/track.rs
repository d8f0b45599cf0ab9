//! What a gateway made of what it was asked for: counted by model and tier, from the results and the ledger.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::Library;
use super::error::LibraryError;
use super::rows;
use crate::model::{FailureKind, GatewayId, PixelSize, SizeChoice, SizeTier, TrackLine};

/// Some pictures of one kind: rows of an index, not of the table, so 100 000 take a few milliseconds.
struct Came {
    model: String,
    asked: Option<PixelSize>,
    got: PixelSize,
    is_other_format: bool,
    pictures: u32,
}

impl Library {
    /// What a gateway made of what it was asked for, by model and tier; deleted results count, too.
    ///
    /// # Errors
    /// Those of the index.
    pub fn track(&self, gateway: &GatewayId) -> Result<Vec<TrackLine>, LibraryError> {
        let mut lines: BTreeMap<(String, Option<SizeTier>), TrackLine> = BTreeMap::new();
        for came in self.came_from(gateway)? {
            let line = line_of(&mut lines, came.model, came.asked);
            let is_smaller = came
                .asked
                .is_some_and(|asked| came.got.pixels() < asked.pixels());
            line.tries += came.pictures;
            line.smaller += if is_smaller { came.pictures } else { 0 };
            if came.is_other_format {
                line.other_format += came.pictures;
            }
            if !is_smaller && !came.is_other_format {
                line.as_asked += came.pictures;
            }
            line.best_tier_got = line.best_tier_got.max(Some(came.got.tier()));
        }
        for (model, asked, failed) in self.failed_at(gateway)? {
            let line = line_of(&mut lines, model, asked);
            line.tries += failed;
            line.failed += failed;
        }
        Ok(lines.into_values().collect())
    }

    fn came_from(&self, gateway: &GatewayId) -> Result<Vec<Came>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT image_model, asked_size, width, height, instr(mismatch, 'format') > 0, count(*)
             FROM images WHERE gateway_id = ?1
             GROUP BY image_model, asked_size, width, height, 5",
        )?;
        let found = statement.query_map([&gateway.0], |row| {
            Ok(Came {
                model: row.get(0)?,
                asked: asked_size(row, 1)?,
                got: rows::pixel_size(row, 2, 3)?,
                is_other_format: row.get(4)?,
                pictures: row.get(5)?,
            })
        })?;
        rows::readable(found)
    }

    fn failed_at(
        &self,
        gateway: &GatewayId,
    ) -> Result<Vec<(String, Option<PixelSize>, u32)>, LibraryError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT model, json_extract(parameters, '$.size'), count(*) FROM attempts
             WHERE gateway_id = ?1 AND outcome NOT IN ('ok', ?2)
             GROUP BY 1, 2",
        )?;
        let canceled = FailureKind::Canceled.as_str();
        let found = statement.query_map([gateway.0.as_str(), canceled], |row| {
            Ok((row.get(0)?, asked_size(row, 1)?, row.get(2)?))
        })?;
        rows::readable(found)
    }
}

fn line_of(
    lines: &mut BTreeMap<(String, Option<SizeTier>), TrackLine>,
    model: String,
    asked: Option<PixelSize>,
) -> &mut TrackLine {
    let tier = asked.map(PixelSize::tier);
    lines
        .entry((model.clone(), tier))
        .or_insert_with(|| TrackLine {
            model,
            asked: tier,
            ..TrackLine::default()
        })
}

/// A size that was asked; `auto` and what is not readable is none.
fn asked_size(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<PixelSize>> {
    let text: Option<String> = row.get(column)?;
    Ok(text
        .and_then(|text| text.parse::<SizeChoice>().ok())
        .and_then(SizeChoice::exact))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{open, recipe};
    use super::super::{AttemptOutcome, AttemptRow, RecipePlace};
    use super::*;
    use crate::model::{ApiKind, Charge, JobId, Mismatch, Parameters};

    #[test]
    fn pictures_and_failures_are_counted_by_model_and_tier() {
        let folder = tempfile::tempdir().unwrap();
        let (mut library, _) = open(folder.path());
        let mut number = 0;
        let mut came = |asked: &str, got: &str, mismatch: &[Mismatch]| {
            number += 1;
            let mut recipe = recipe(number, number);
            recipe.parameters.size = asked.parse().unwrap();
            recipe.got_size = got.parse().unwrap();
            recipe.mismatch = mismatch.to_vec();
            let zone = jiff::tz::TimeZone::UTC;
            library
                .file_result(&recipe, &zone, |_, _| {
                    Ok::<_, std::io::Error>(RecipePlace::InFile)
                })
                .unwrap();
        };
        for _ in 0..5 {
            came("3840x2160", "2560x1440", &[Mismatch::Size]);
        }
        came("1024x1024", "1024x1024", &[]);
        came("1024x1024", "1024x1024", &[Mismatch::Format]);
        came("auto", "1536x1024", &[]);
        let failed = |ordinal, outcome| AttemptRow {
            job: JobId::from_parts(1, 1),
            ordinal,
            started_ms: 1,
            ended_ms: Some(2),
            gateway: "Demo".to_owned(),
            gateway_id: Some(GatewayId("demo".to_owned())),
            api: ApiKind::Images,
            model: "gpt-image-2".to_owned(),
            parameters: Parameters {
                size: "3840x2160".parse().unwrap(),
                ..Parameters::default()
            },
            host: String::new(),
            outcome,
            status: None,
            request_id: None,
            usage: None,
            charged: Charge::No,
        };
        for (ordinal, outcome) in [
            (1, Some(AttemptOutcome::Failed(FailureKind::Server))),
            (2, Some(AttemptOutcome::Failed(FailureKind::Canceled))),
            (3, Some(AttemptOutcome::Ok)),
            (4, None),
        ] {
            library.record_attempt(&failed(ordinal, outcome)).unwrap();
        }
        let line = |asked, tries, best| TrackLine {
            model: "gpt-image-2".to_owned(),
            asked,
            tries,
            best_tier_got: Some(best),
            ..TrackLine::default()
        };
        let expected = [
            TrackLine {
                as_asked: 1,
                ..line(None, 1, SizeTier::OneK)
            },
            TrackLine {
                as_asked: 1,
                other_format: 1,
                ..line(Some(SizeTier::OneK), 2, SizeTier::OneK)
            },
            TrackLine {
                smaller: 5,
                failed: 1,
                ..line(Some(SizeTier::FourK), 6, SizeTier::TwoK)
            },
        ];
        let demo = GatewayId("demo".to_owned());
        assert_eq!(library.track(&demo).unwrap(), expected);
        let other = GatewayId("other".to_owned());
        assert!(library.track(&other).unwrap().is_empty());
    }
}
