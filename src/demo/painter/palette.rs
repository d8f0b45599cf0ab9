//! Colours that go together: skies by the hour, land by the season, and how words and references move them.

use super::color::Lab;
use super::lexicon::{Brief, Land, Thing, Time};
use super::noise::Rng;

/// The colours of one picture, by what they are for.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    pub(super) time: Time,
    pub(super) land: Land,
    /// Zenith, middle, horizon.
    pub(super) sky: [Lab; 3],
    /// Sun or moon, and what they touch.
    pub(super) light: Lab,
    /// The farthest land.
    pub(super) far: Lab,
    /// The nearest land, the darkest large shape.
    pub(super) near: Lab,
    /// What lies on the land and catches light: grass, leaves, snow, sand.
    pub(super) cover: Lab,
    /// How colourful subjects are: 1, less where the style is sparing.
    pub(super) chroma: f32,
    /// Small, strong notes.
    pub(super) accents: [Lab; 3],
}

/// Zenith, middle, horizon, light.
const fn sky(time: Time) -> [u32; 4] {
    match time {
        Time::Dawn => [0x62_78a8, 0xcf_a9b8, 0xff_dcb8, 0xff_f3d6],
        Time::Day => [0x3d_7fb5, 0x93_c3de, 0xf4_ecd8, 0xff_f8e2],
        Time::Sunset => [0x3b_2f63, 0xc9_566b, 0xff_b661, 0xff_ecb8],
        Time::Night => [0x0a_1030, 0x1b_2f60, 0x4a_6a9c, 0xf6_f1d8],
    }
}

/// Far, near, cover, three accents.
const fn land(land: Land) -> [u32; 6] {
    match land {
        Land::Summer => [
            0x8f_b0b8, 0x17_382f, 0x5f_8f57, 0xe2_725b, 0xf2_bb4b, 0x3a_7d6d,
        ],
        Land::Spring => [
            0xb3_bfd0, 0x3d_5747, 0x8f_b07a, 0xe8_8fa8, 0xf8_cdd2, 0x7f_ae72,
        ],
        Land::Autumn => [
            0xbf_9f86, 0x45_2118, 0xb8_7433, 0xd9_541e, 0xf2_aa35, 0x96_2b22,
        ],
        Land::Winter => [
            0xb4_c4d6, 0x2e_4058, 0xe9_eef4, 0xc8_553d, 0xe3_a95c, 0x56_7a9c,
        ],
        Land::Desert => [
            0xd8_a784, 0x6e_3522, 0xd9_a068, 0xd9_683a, 0xf3_c57f, 0x37_7d85,
        ],
    }
}

impl Palette {
    /// The palette that `brief` asks for; what it leaves open is chosen by `rng`.
    pub(super) fn new(brief: &Brief, rng: &mut Rng) -> Self {
        let open_time = [
            Time::Dawn,
            Time::Day,
            Time::Sunset,
            Time::Night,
            Time::Sunset,
        ];
        let open_land = [
            Land::Summer,
            Land::Spring,
            Land::Autumn,
            Land::Desert,
            Land::Winter,
        ];
        let any_time = rng.pick(&open_time).copied().unwrap_or(Time::Day);
        let any_land = rng.pick(&open_land).copied().unwrap_or(Land::Summer);
        let time = brief.time.unwrap_or_else(|| {
            if brief.has(Thing::Moon) || brief.has(Thing::Stars) {
                Time::Night
            } else if brief.has(Thing::Sun) && any_time == Time::Night {
                Time::Dawn
            } else {
                any_time
            }
        });
        let season = brief.land.unwrap_or_else(|| {
            if brief.has(Thing::Snowfall) {
                Land::Winter
            } else if [Thing::Forest, Thing::Water, Thing::Boat, Thing::Fish]
                .iter()
                .any(|t| brief.has(*t))
            {
                Land::Summer
            } else {
                any_land
            }
        });
        Self::of(time, season).colored(&brief.colors)
    }

    fn of(time: Time, season: Land) -> Self {
        let [zenith, middle, horizon, light] = sky(time).map(Lab::hex);
        let [far, near, cover, a, b, c] = land(season).map(Lab::hex);
        let mut palette = Self {
            time,
            land: season,
            sky: [zenith, middle, horizon],
            light,
            far,
            near,
            cover,
            chroma: 1.0,
            accents: [a, b, c],
        };
        // Distance is air: the farthest land is mostly sky, a little darker than the sky behind it.
        let air = if season == Land::Desert { 0.3 } else { 0.62 };
        palette.far = (palette.lit(far))
            .mix(middle.mix(zenith, 0.35), air)
            .mix(horizon, 0.12);
        palette.near = palette.lit(near).mix(zenith.lighter(-0.1), 0.3);
        palette.cover = palette.lit(cover);
        palette
    }

    /// `color` as this hour's light leaves it.
    pub(super) fn lit(&self, color: Lab) -> Lab {
        let (dim, tint) = match self.time {
            Time::Day => (1.0, 0.05),
            Time::Dawn => (0.94, 0.16),
            Time::Sunset => (0.8, 0.22),
            Time::Night => (0.6, 0.36),
        };
        Lab::new(color.l * dim, color.a, color.b)
            .tinted(self.sky[1], tint)
            .chroma(self.chroma)
    }

    /// Moves the palette towards the colours that the prompt names.
    fn colored(mut self, colors: &[Lab]) -> Self {
        let Some(&first) = colors.first() else {
            return self;
        };
        let second = colors.get(1).copied().unwrap_or(first);
        let [zenith, middle, horizon] = self.sky;
        self.sky = [
            zenith.tinted(first, 0.55),
            middle.tinted(first.mix(second, 0.5), 0.45),
            horizon.tinted(second, 0.3),
        ];
        self.far = self.far.tinted(first, 0.5);
        self.near = self.near.tinted(second, 0.45);
        self.cover = self.cover.tinted(second, 0.4);
        for (i, accent) in self.accents.iter_mut().enumerate() {
            let named = colors.get(i % colors.len()).copied().unwrap_or(first);
            *accent = accent.mix(named, 0.75);
        }
        self
    }

    /// Moves every colour towards the one of `swatches` that is nearest in lightness.
    pub(super) fn take(&mut self, swatches: &[Lab], by: f32) {
        let [zenith, middle, horizon] = &mut self.sky;
        let [a, b, c] = &mut self.accents;
        let Self {
            far, near, cover, ..
        } = self;
        for color in [zenith, middle, horizon, far, near, cover, a, b, c] {
            let off = |swatch: &Lab| (swatch.l - color.l).abs();
            if let Some(nearest) = swatches.iter().min_by(|x, y| off(x).total_cmp(&off(y))) {
                *color = color.mix(*nearest, by);
            }
        }
    }

    /// Seven colours from dark to light, for styles that set flat pieces side by side.
    pub(super) fn swatches(&self) -> [Lab; 7] {
        let [a, b, c] = self.accents;
        let mut all = [self.near, self.sky[0], c, a, self.sky[1], b, self.sky[2]];
        all.sort_by(|x, y| x.l.total_cmp(&y.l));
        all
    }
}
