//! The command line as data (product.md section 5, a stable contract).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::model::{
    ApiKind, Background, ImageFormat, MAX_COUNT, MAX_PARTIALS, Moderation, Quality, SizeChoice,
};

/// A desktop studio for image models behind OpenAI-compatible gateways.
///
/// Without a command the window opens.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, max_term_width = 100)]
pub struct Cli {
    /// Folder that holds all state of the program
    #[arg(long, global = true, value_name = "DIR", env = "ATELIER_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// What to do instead of opening the window
    #[command(subcommand)]
    pub command: Option<CliCommand>,
}

/// What the program can do without a window.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Make pictures from a prompt
    Generate(Box<GenerateArgs>),
    /// List, add, remove and test the saved gateways
    Gateways(crate::cli::GatewaysArgs),
    /// Run the built-in gateway, which paints pictures without a key, and print its base URL
    DemoGateway(crate::cli::DemoGatewayArgs),
}

/// `atelier generate`
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// What to draw; '-' reads standard input
    #[arg(value_name = "PROMPT", allow_hyphen_values = true)]
    pub prompt: String,
    /// A saved gateway, by id or name (default: the selected one; demo on a new install)
    #[arg(long, value_name = "NAME", conflicts_with = "base_url")]
    pub gateway: Option<String>,
    /// A gateway by its address
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Which API to call, with --base-url
    #[arg(long, value_name = "responses|images", value_parser = parse_api, default_value = "responses", hide_default_value = false, requires = "base_url")]
    pub api: ApiKind,
    /// Environment variable that holds the key
    #[arg(long, value_name = "VAR", default_value = "ATELIER_API_KEY")]
    pub key_env: String,
    /// Outer model of a Responses call
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Image model
    #[arg(long, value_name = "NAME")]
    pub image_model: Option<String>,
    /// Width x height in pixels, or 'auto'
    #[arg(long, value_name = "WxH|auto", default_value = "auto")]
    pub size: SizeChoice,
    /// How much work the model puts in
    #[arg(long, value_name = "low|medium|high|auto", default_value = "auto")]
    pub quality: Quality,
    /// Format of the results
    #[arg(long, value_name = "png|jpeg|webp", default_value = "png")]
    pub format: ImageFormat,
    /// What is behind the motif
    #[arg(long, value_name = "auto|opaque|transparent", default_value = "auto")]
    pub background: Background,
    /// Strictness of the safety check
    #[arg(long, value_name = "auto|low", default_value = "auto")]
    pub moderation: Moderation,
    /// Quality of JPEG and WebP files
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub compression: Option<u8>,
    /// Number of pictures
    #[arg(long = "n", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=i64::from(MAX_COUNT)))]
    pub count: u8,
    /// Number of previews of each picture
    #[arg(long, value_name = "0-3", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=i64::from(MAX_PARTIALS)))]
    pub partials: u8,
    /// A reference picture (repeatable)
    #[arg(long = "ref", value_name = "FILE")]
    pub references: Vec<PathBuf>,
    /// A mask: the transparent part of the first reference may change
    #[arg(long, value_name = "FILE", requires = "references")]
    pub mask: Option<PathBuf>,
    /// With a mask: also file each result with the original put back outside of it
    ///
    /// The library then has two pictures for each one asked for: the result as it came, and the protected one. --out gets
    /// the protected one, or the result where nothing can be put back, which is said on standard error. With --json the
    /// protected picture is an event 'image' with the 'index' of its result, the result's id as `protected_from`, and
    /// what had drifted; 'images' of 'completed' counts results only.
    #[arg(long, requires = "mask")]
    pub protect_outside: bool,
    /// Give up after this long without a byte
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub idle_timeout: Option<u64>,
    /// Most automatic repeats of a request that can't have been charged
    #[arg(long, value_name = "N")]
    pub max_retries: Option<u32>,
    /// Folder for copies of the results; with --protect-outside of the protected ones
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// One JSON object a line on standard output
    #[arg(long)]
    pub json: bool,
}

pub(super) fn parse_api(text: &str) -> Result<ApiKind, String> {
    match text {
        "responses" => Ok(ApiKind::Responses),
        "images" => Ok(ApiKind::Images),
        _ => Err("it is 'responses' or 'images'".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Cli, i32> {
        Cli::try_parse_from(["atelier"].iter().chain(words)).map_err(|error| error.exit_code())
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn wrong_words_are_usage_errors() {
        for words in [
            &["generate"][..],
            &["generate", "x", "--size", "large"],
            &["generate", "x", "--n", "0"],
            &["generate", "x", "--n", "11"],
            &["generate", "x", "--partials", "4"],
            &["generate", "x", "--compression", "101"],
            &["generate", "x", "--mask", "m.png"],
            &["generate", "x", "--api", "images"],
            &["generate", "x", "--api", "chat", "--base-url", "http://h"],
            &[
                "generate",
                "x",
                "--gateway",
                "demo",
                "--base-url",
                "http://h",
            ],
            &["generate", "x", "--unknown"],
            &["paint"],
        ] {
            assert_eq!(parse(words).err(), Some(2), "{words:?}");
        }
    }

    #[test]
    fn a_prompt_may_begin_with_a_hyphen_or_be_one() {
        for prompt in ["-", "- a fox"] {
            let cli = parse(&["generate", prompt]).unwrap();
            let Some(CliCommand::Generate(args)) = cli.command else {
                panic!("not generate")
            };
            assert_eq!(args.prompt, prompt);
        }
    }
}
