//! The user's preferences, with their defaults. Keys are not among them.

mod merge;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::{GatewayId, GatewayProfile, Parameters, Preset};

/// The language of the window.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The BCP 47 tag, also the name of the folder under `assets/locales`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language for a locale of the operating system, such as `zh_CN.UTF-8`; English where it is neither.
    #[must_use]
    pub fn from_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") {
            Self::Chinese
        } else {
            Self::English
        }
    }
}

/// Light, dark, or as the desktop has it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the desktop has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The window's measures, in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// Width and height of the window without its frame.
    pub window: [f32; 2],
    /// It fills the screen.
    pub maximized: bool,
    /// Width of the zone on the left, where one composes.
    pub left: f32,
    /// Width of the zone on the right, with the details.
    pub right: f32,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            window: [1280.0, 800.0],
            maximized: false,
            left: 312.0,
            right: 280.0,
        }
    }
}

/// Everything that is remembered from one start to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `None`: the operating system's.
    pub language: Option<Language>,
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Folder of the results; `None`: the platform's pictures folder, or under the data folder.
    pub library_dir: Option<PathBuf>,
    /// The profile that new jobs go to.
    pub selected_gateway: GatewayId,
    /// The parameters that the next job starts with.
    pub parameters: Parameters,
    /// The window's measures.
    pub layout: Layout,
    /// Every profile, in the order of the picker.
    pub gateways: Vec<GatewayProfile>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            theme: ThemeChoice::default(),
            library_dir: None,
            selected_gateway: Preset::Demo.profile().id,
            parameters: Parameters::default(),
            layout: Layout::default(),
            gateways: Preset::ALL.map(Preset::profile).to_vec(),
        }
    }
}

impl Settings {
    /// The selected profile; the first where the selected one is gone, the demo gateway where there is none.
    #[must_use]
    pub fn gateway(&self) -> GatewayProfile {
        self.gateways
            .iter()
            .find(|profile| profile.id == self.selected_gateway)
            .or_else(|| self.gateways.first())
            .cloned()
            .unwrap_or_else(|| Preset::Demo.profile())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_toml_and_missing_fields() {
        let settings = Settings::default();
        let text = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<Settings>(&text).unwrap(), settings);
        assert_eq!(toml::from_str::<Settings>("").unwrap(), settings);
        let partial = toml::from_str::<Settings>("language = \"zh-CN\"\n").unwrap();
        assert_eq!(partial.language, Some(Language::Chinese));
    }
}
