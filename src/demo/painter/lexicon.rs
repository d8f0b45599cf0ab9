//! What the words of a prompt ask of the painter, in English and Chinese.
//!
//! This is a list, not a language model: words that are not in it only vary the picture through its seed.

use super::color::Lab;

/// A way of painting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    Landscape,
    Brush,
    Ink,
    Glass,
    StillLife,
    City,
    Poster,
    Flow,
}

/// The light.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Time {
    Dawn,
    Day,
    Sunset,
    Night,
}

/// What the land wears.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Land {
    Summer,
    Spring,
    Autumn,
    Winter,
    Desert,
}

/// Something that can be drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Thing {
    Fox,
    Cat,
    Bird,
    Fish,
    Person,
    Boat,
    House,
    Tree,
    Flower,
    Balloon,
    Sun,
    Moon,
    Stars,
    Mountain,
    Water,
    Forest,
    Snowfall,
    Rain,
    Cloud,
    Bottle,
    Cup,
    Teapot,
    Vase,
    Fruit,
    Lemon,
    Pear,
}

impl Thing {
    /// Whether it can stand alone as the subject; the rest is scenery.
    pub(super) const fn is_subject(self) -> bool {
        matches!(
            self,
            Self::Fox
                | Self::Cat
                | Self::Bird
                | Self::Fish
                | Self::Person
                | Self::Boat
                | Self::House
                | Self::Tree
                | Self::Flower
                | Self::Balloon
        )
    }

    /// Whether it belongs on a table.
    pub(super) const fn is_still(self) -> bool {
        matches!(
            self,
            Self::Bottle
                | Self::Cup
                | Self::Teapot
                | Self::Vase
                | Self::Fruit
                | Self::Lemon
                | Self::Pear
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// sRGB `0xRRGGBB`.
    Color(u32),
    Style(Style),
    Time(Time),
    Land(Land),
    Thing(Thing),
}

use Meaning::{Color, Thing as Is};

/// Words with one meaning each; English in lower case and singular.
const WORDS: &[(&str, Meaning)] = &[
    ("red crimson scarlet vermilion 红 朱 赤", Color(0xc8_2a2f)),
    ("orange amber 橙 橘", Color(0xe8_7a24)),
    ("gold golden yellow 金 黄", Color(0xe6_b032)),
    ("green emerald jade 绿 翠 碧", Color(0x2f_8f5b)),
    ("teal turquoise cyan 青", Color(0x23_8f96)),
    ("blue azure indigo cobalt 蓝", Color(0x24_5fb5)),
    ("purple violet lavender 紫", Color(0x7a_4bb0)),
    ("pink rose magenta 粉", Color(0xe8_83a4)),
    ("brown chocolate coffee 棕 褐 咖啡", Color(0x7a_4a2c)),
    ("white ivory 白", Color(0xf2_efe8)),
    ("black 黑", Color(0x24_2228)),
    ("grey gray silver 灰 银", Color(0x8d_9299)),
    (
        "landscape scenery 风景 山水",
        Meaning::Style(Style::Landscape),
    ),
    (
        "oil impressionist impressionism painterly brush watercolor watercolour 油画 印象派 水彩 笔触",
        Meaning::Style(Style::Brush),
    ),
    (
        "ink sumi calligraphy wash 水墨 国画 墨 书法 写意",
        Meaning::Style(Style::Ink),
    ),
    (
        "stained glass mosaic cathedral 彩窗 玻璃 彩绘玻璃 马赛克 教堂",
        Meaning::Style(Style::Glass),
    ),
    (
        "still table kitchen 静物 餐桌",
        Meaning::Style(Style::StillLife),
    ),
    (
        "city skyline street neon cyberpunk skyscraper building urban 城市 都市 街道 霓虹 赛博朋克 高楼 夜景 上海 香港",
        Meaning::Style(Style::City),
    ),
    (
        "poster geometric bauhaus minimal logo pattern icon 海报 几何 包豪斯 极简 图案 图标 标志",
        Meaning::Style(Style::Poster),
    ),
    (
        "abstract flow dream energy wind music wave 抽象 流动 梦 能量 风 音乐 波浪",
        Meaning::Style(Style::Flow),
    ),
    (
        "dawn sunrise morning 清晨 日出 黎明 早晨 晨",
        Meaning::Time(Time::Dawn),
    ),
    ("day noon sunny 白天 正午 晴", Meaning::Time(Time::Day)),
    (
        "sunset dusk evening twilight 黄昏 日落 夕阳 傍晚 晚霞",
        Meaning::Time(Time::Sunset),
    ),
    (
        "night midnight dark 夜 夜晚 深夜 午夜",
        Meaning::Time(Time::Night),
    ),
    ("spring 春 樱花 桃花", Meaning::Land(Land::Spring)),
    ("cherry blossom 樱 花园", Meaning::Land(Land::Spring)),
    (
        "summer meadow grass 夏 草地 草原",
        Meaning::Land(Land::Summer),
    ),
    (
        "autumn fall maple 秋 枫 枫叶 落叶",
        Meaning::Land(Land::Autumn),
    ),
    (
        "winter ice frost snowy 冬 冰 霜",
        Meaning::Land(Land::Winter),
    ),
    (
        "desert dune sand 沙漠 沙丘 戈壁",
        Meaning::Land(Land::Desert),
    ),
    ("fox 狐 狐狸 🦊", Is(Thing::Fox)),
    ("cat kitten 猫 小猫 🐱 🐈", Is(Thing::Cat)),
    ("bird crane eagle swallow 鸟 鹤 鹰 燕", Is(Thing::Bird)),
    ("fish koi carp goldfish 鱼 金鱼 锦鲤 🐟", Is(Thing::Fish)),
    (
        "person man woman girl boy child traveler traveller monk 人 女孩 男孩 少女 旅人 僧",
        Is(Thing::Person),
    ),
    ("boat ship sail sailboat 船 舟 帆 ⛵", Is(Thing::Boat)),
    (
        "house cabin cottage temple pagoda hut 房 屋 小屋 寺 塔 亭 家 🏠",
        Is(Thing::House),
    ),
    ("tree pine bamboo oak 树 松 竹 🌲 🌳", Is(Thing::Tree)),
    (
        "flower lotus peony tulip sunflower 花 莲 荷 牡丹 菊 梅 🌸 🌷",
        Is(Thing::Flower),
    ),
    ("balloon 气球 热气球 🎈", Is(Thing::Balloon)),
    ("sun 太阳 日 ☀", Is(Thing::Sun)),
    ("moon moonlight 月 月亮 月光 🌙", Is(Thing::Moon)),
    ("star galaxy starry 星 星空 银河 🌟", Is(Thing::Stars)),
    (
        "mountain peak hill alps cliff 山 峰 岭 山峰 ⛰",
        Is(Thing::Mountain),
    ),
    (
        "sea ocean lake river water beach coast island pond 海 湖 江 河 水 溪 海滩 岛 池 🌊",
        Is(Thing::Water),
    ),
    ("forest wood jungle 森林 林 丛林", Is(Thing::Forest)),
    ("snow snowfall snowflake 雪 下雪 ❄", Is(Thing::Snowfall)),
    ("rain storm 雨 暴雨", Is(Thing::Rain)),
    ("cloud fog mist 云 雾 云海", Is(Thing::Cloud)),
    ("bottle wine 瓶 酒 酒瓶 🍷", Is(Thing::Bottle)),
    ("cup tea mug bowl 茶 杯 碗 茶杯 🍵 ☕", Is(Thing::Cup)),
    ("teapot kettle 茶壶 壶", Is(Thing::Teapot)),
    ("vase bouquet 花瓶 花束", Is(Thing::Vase)),
    ("fruit apple peach 水果 果 苹果 桃 🍎 🍑", Is(Thing::Fruit)),
    ("lemon lime 柠檬 🍋", Is(Thing::Lemon)),
    ("pear 梨 🍐", Is(Thing::Pear)),
];

/// What a prompt asks for. Everything may be absent.
#[derive(Clone, Debug, Default)]
pub(super) struct Brief {
    pub(super) style: Option<Style>,
    pub(super) time: Option<Time>,
    pub(super) land: Option<Land>,
    /// Colours for the whole picture, in the order of the words.
    pub(super) colors: Vec<Lab>,
    /// Things in the order of the words, each with the colour that was said right before it.
    pub(super) things: Vec<(Thing, Option<Lab>)>,
}

impl Brief {
    pub(super) fn has(&self, thing: Thing) -> bool {
        self.things.iter().any(|(other, _)| *other == thing)
    }

    /// Whether something that belongs on a table is named.
    pub(super) fn is_still(&self) -> bool {
        self.things.iter().any(|(thing, _)| thing.is_still())
    }

    /// The first thing that can stand alone.
    pub(super) fn subject(&self) -> Option<(Thing, Option<Lab>)> {
        (self.things.iter().copied()).find(|(thing, _)| thing.is_subject())
    }
}

/// Reads a prompt: English by words, Chinese by the longest entry at each place.
pub(super) fn read(prompt: &str) -> Brief {
    let text = prompt.to_lowercase();
    let mut brief = Brief::default();
    let mut color_before = None;
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let word_len = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (len, meaning) = if word_len > 0 {
            (word_len, rest.get(..word_len).and_then(english))
        } else {
            chinese(rest).map_or((first.len_utf8(), None), |(len, m)| (len, Some(m)))
        };
        rest = rest.get(len..).unwrap_or_default();
        let color = color_before.take();
        match meaning {
            // A space or a 的 between a colour and its thing does not part them.
            None if matches!(first, ' ' | '的' | '色') => color_before = color,
            None => {}
            Some(Color(rgb)) => {
                brief.colors.push(Lab::hex(rgb));
                color_before = Some(Lab::hex(rgb));
            }
            Some(Meaning::Style(style)) => brief.style = brief.style.or(Some(style)),
            Some(Meaning::Time(time)) => brief.time = brief.time.or(Some(time)),
            Some(Meaning::Land(land)) => brief.land = brief.land.or(Some(land)),
            Some(Is(thing)) => {
                let own = color.filter(|_| thing.is_subject() || thing.is_still());
                if own.is_some() {
                    brief.colors.pop();
                }
                if !brief.has(thing) {
                    brief.things.push((thing, own));
                }
            }
        }
    }
    brief
}

/// All entries one by one.
fn entries() -> impl Iterator<Item = (&'static str, Meaning)> {
    (WORDS.iter()).flat_map(|(words, meaning)| words.split(' ').map(|word| (word, *meaning)))
}

fn english(word: &str) -> Option<Meaning> {
    let find = |word: &str| entries().find_map(|(entry, m)| (entry == word).then_some(m));
    find(word)
        .or_else(|| word.strip_suffix('s').and_then(find))
        .or_else(|| word.strip_suffix("es").and_then(find))
}

/// The longest entry that `text` starts with, and its length in bytes.
fn chinese(text: &str) -> Option<(usize, Meaning)> {
    entries()
        .filter(|(entry, _)| text.starts_with(entry))
        .map(|(entry, meaning)| (entry.len(), meaning))
        .max_by_key(|(len, _)| *len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things(prompt: &str) -> Vec<Thing> {
        read(prompt).things.into_iter().map(|(t, _)| t).collect()
    }

    #[test]
    fn english_and_chinese_say_the_same() {
        for prompt in ["A red fox in the snow", "雪地里的一只红色的狐狸"] {
            let brief = read(prompt);
            assert_eq!(
                brief.subject(),
                Some((Thing::Fox, Some(Lab::hex(0xc8_2a2f)))),
                "{prompt}"
            );
            assert!(brief.has(Thing::Snowfall), "{prompt}");
            assert!(brief.colors.is_empty(), "the red is the fox's: {prompt}");
        }
    }

    #[test]
    fn the_longest_entry_wins() {
        assert_eq!(read("极简海报").style, Some(Style::Poster));
        assert_eq!(things("海报"), [], "no sea in a poster");
        assert_eq!(things("金鱼"), [Thing::Fish]);
        assert!(read("金鱼").colors.is_empty());
        assert_eq!(read("黄昏").time, Some(Time::Sunset));
        assert!(read("黄昏").colors.is_empty());
    }

    #[test]
    fn words_are_whole_and_may_be_plural() {
        assert_eq!(things("foxes and cats"), [Thing::Fox, Thing::Cat]);
        assert_eq!(things("category, catalog, seasoned"), []);
        assert_eq!(things("BLUE SEA"), [Thing::Water]);
    }

    #[test]
    fn anything_can_be_read() {
        for prompt in ["", " ", "🤖👾", "\u{0}\u{fffd}", "é", "的"] {
            assert!(read(prompt).things.is_empty(), "{prompt:?}");
        }
    }
}
