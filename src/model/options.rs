//! The small closed parameters: quality, background, moderation.

/// A word that is not one of an option's values.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("'{text}' is not one of: {allowed}")]
pub struct ParseOptionError {
    /// What was given.
    pub text: String,
    /// The values, separated by commas.
    pub allowed: String,
}

macro_rules! option_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order in which it is offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The API's word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::ParseOptionError;

            fn from_str(text: &str) -> Result<Self, $crate::model::ParseOptionError> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::model::ParseOptionError {
                        text: text.to_owned(),
                        allowed: [$($word),+].join(", "),
                    }),
                }
            }
        }
    };
}

pub(in crate::model) use option_enum;

option_enum! {
    /// How much work the model puts in (protocol.md 6.3).
    Quality {
        /// The model decides.
        #[default]
        Auto = "auto",
        /// Cheapest and quickest.
        Low = "low",
        /// In between.
        Medium = "medium",
        /// Dearest and slowest.
        High = "high",
    }
}

option_enum! {
    /// What is behind the motif (protocol.md 6.5).
    Background {
        /// The model decides.
        #[default]
        Auto = "auto",
        /// Never transparent.
        Opaque = "opaque",
        /// With an alpha channel; needs PNG or WebP.
        Transparent = "transparent",
    }
}

option_enum! {
    /// How strict the safety check is (protocol.md 6.6); it can't be switched off.
    Moderation {
        /// The usual strictness.
        #[default]
        Auto = "auto",
        /// Less strict.
        Low = "low",
    }
}
