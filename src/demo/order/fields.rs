//! Typed reading of a body's fields, with OpenAI's errors.

use serde_json::{Map, Value};

use crate::demo::answer::ApiError;

/// The fields of an object, named in errors by their whole path. `null` and `""` are the same as absent.
#[derive(Debug)]
pub(in crate::demo) struct Fields<'a> {
    map: &'a Map<String, Value>,
    prefix: String,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: &'a Map<String, Value>) -> Self {
        Self::nested(map, String::new())
    }

    pub(super) fn nested(map: &'a Map<String, Value>, prefix: String) -> Self {
        Self { map, prefix }
    }

    /// The field as errors name it, such as `tools[0].size`.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map
            .get(name)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// The first of `names` that was sent, as a path.
    pub(super) fn first_present(&self, names: &[&str]) -> Option<String> {
        names
            .iter()
            .find(|name| self.get(name).is_some())
            .map(|name| self.path(name))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, ApiError> {
        self.typed(name, "a string", Value::as_str)
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    /// A number of 0 or more.
    pub(super) fn natural(&self, name: &str) -> Result<Option<u64>, ApiError> {
        self.typed(name, "a natural number", Value::as_u64)
    }

    /// A number between two bounds, both allowed.
    pub(super) fn number(&self, name: &str, min: u8, max: u8) -> Result<Option<u8>, ApiError> {
        let Some(number) = self.typed(name, "an integer", Value::as_i64)? else {
            return Ok(None);
        };
        let path = self.path(name);
        let wrong = |side: &str, sign: &str, bound: u8, code| {
            let message = format!(
                "Invalid '{path}': integer {side} value. Expected a value {sign} {bound}, but got {number} instead."
            );
            Err(ApiError::invalid(message).param(path.as_str()).code(code))
        };
        match u8::try_from(number) {
            Ok(value) if (min..=max).contains(&value) => Ok(Some(value)),
            _ if number > i64::from(max) => {
                wrong("above maximum", "<=", max, "integer_above_max_value")
            }
            _ => wrong("below minimum", ">=", min, "integer_below_min_value"),
        }
    }

    /// One of `words`.
    pub(super) fn choice(
        &self,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let known = words.iter().find(|word| **word == text).copied();
        known.map(Some).ok_or_else(|| {
            let path = self.path(name);
            let message = format!(
                "Invalid value: '{text}'. Supported values are: '{}'.",
                words.join("', '")
            );
            ApiError::invalid_value(path, message)
        })
    }

    /// One of an option's values, by its word; the default when absent.
    pub(super) fn option<T>(&self, name: &str, all: &[T]) -> Result<T, ApiError>
    where
        T: Copy + Default + AsWord,
    {
        let words: Vec<&'static str> = all.iter().map(AsWord::as_word).collect();
        let word = self.choice(name, &words)?;
        Ok(all
            .iter()
            .find(|value| Some(value.as_word()) == word)
            .copied()
            .unwrap_or_default())
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| {
            let path = self.path(name);
            let got = match value {
                Value::Null => "null",
                Value::Bool(_) => "a boolean",
                Value::Number(_) => "a number",
                Value::String(_) => "a string",
                Value::Array(_) => "an array",
                Value::Object(_) => "an object",
            };
            let message =
                format!("Invalid type for '{path}': expected {expected}, but got {got} instead.");
            ApiError::invalid(message).param(path).code("invalid_type")
        })
    }
}

/// A parameter whose values have words on the wire.
pub(in crate::demo) trait AsWord {
    /// The API's word for the value.
    fn as_word(&self) -> &'static str;
}

macro_rules! as_word {
    ($($option:ty),+) => {
        $(impl AsWord for $option {
            fn as_word(&self) -> &'static str {
                self.as_str()
            }
        })+
    };
}

as_word!(
    crate::model::Background,
    crate::model::ImageFormat,
    crate::model::Quality
);
