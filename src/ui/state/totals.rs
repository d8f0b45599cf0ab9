//! What several pictures come to: how many, how long, for how much.

use crate::model::compose::{DEFAULT_PICTURE_MS, Target, median_ms, total_ms};
use crate::model::{Cost, GatewayId, JobState, estimate_of_picture};

use super::Studio;

/// What a batch or a fan-out comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Pictures to be made.
    pub pictures: usize,
    /// How long that takes, in milliseconds.
    pub ms: u64,
    /// Whether the time of a picture was measured.
    pub is_measured: bool,
    /// What it may cost, one sum a currency; `None`: not known for all of them.
    pub price: Option<Vec<Cost>>,
}

impl Studio {
    /// How long a picture of a gateway took in this session, in the middle; in milliseconds.
    fn measured_ms(&self, gateway: &GatewayId) -> Option<u64> {
        let done = self.jobs.newest_first().filter(|job| {
            let snapshot = &job.snapshot;
            snapshot.state == JobState::Done && snapshot.request.gateway.id == *gateway
        });
        let times = done.take(50).filter_map(|job| {
            let (from, to) = (job.snapshot.started_ms?, job.snapshot.ended_ms?);
            u64::try_from(to - from).ok()
        });
        median_ms(times.collect())
    }

    /// What so many rows may cost with the parameters as they are.
    #[must_use]
    pub fn cost_of_rows(&self, rows: usize) -> Option<Cost> {
        let parameters = &self.settings.parameters;
        let pictures = rows.saturating_mul(usize::from(parameters.count.max(1)));
        let profile = self.settings.gateway();
        estimate_of_picture(&self.catalog, &profile, parameters)?.times(pictures)
    }

    /// What so many rows come to with the parameters as they are.
    #[must_use]
    pub fn totals_of_rows(&self, rows: usize) -> Totals {
        let profile = self.settings.gateway();
        let parameters = &self.settings.parameters;
        let pictures = rows * usize::from(parameters.count.max(1));
        let measured = self.measured_ms(&profile.id);
        let one = measured.unwrap_or(DEFAULT_PICTURE_MS);
        let price = self.cost_of_rows(rows).map(|price| vec![price]);
        Totals {
            pictures,
            ms: total_ms(pictures, profile.max_parallel, one),
            is_measured: measured.is_some(),
            price,
        }
    }

    /// What one prompt at these targets comes to.
    #[must_use]
    pub fn totals_of_targets(&self, targets: &[Target]) -> Totals {
        let mut totals = Totals {
            is_measured: true,
            price: Some(Vec::new()),
            ..Totals::default()
        };
        for target in targets {
            let Some(profile) = self.profile_of(target) else {
                continue;
            };
            let mut parameters = self.settings.parameters.clone();
            parameters.quality = target.quality;
            let pictures = parameters.count.max(1);
            totals.pictures += usize::from(pictures);
            let measured = self.measured_ms(&profile.id);
            totals.is_measured &= measured.is_some();
            // They run side by side.
            totals.ms = totals.ms.max(measured.unwrap_or(DEFAULT_PICTURE_MS));
            let price = estimate_of_picture(&self.catalog, &profile, &parameters)
                .and_then(|price| price.times(usize::from(pictures)));
            let sums = totals.price.take();
            totals.price = sums.zip(price).and_then(|(sums, price)| price.add_to(sums));
        }
        totals
    }
}
