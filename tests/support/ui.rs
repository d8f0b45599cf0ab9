//! The one door to a window under test: fixed size, theme, language, clock and platform, the bundled fonts, and an
//! engine that the test plays itself.

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use atelier::desktop::built_in_catalog;

use atelier::engine::{
    CanvasEvent, Command, EngineHandle, EngineSide, Event, GalleryChange, JobSnapshot, PieceOrigin,
    PreviewRecord, ThumbnailPixels, ThumbnailSize,
};
use atelier::model::{
    ApiKind, GatewayId, GenerationRequest, ImageFormat, ImageId, ImageRecord, JobId, JobState,
    Language, Parameters, PixelSize, Preset, Prompt, Recipe, Settings, SizeChoice, Stage,
    ThemeChoice, Usage,
};
use atelier::ui::{App, RunOptions};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

/// The time at which every test begins, in milliseconds since 1970 (UTC).
pub(crate) const NOW_MS: i64 = 1_780_000_000_000;

/// What a window under test looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) size: [f32; 2],
    pub(crate) theme: ThemeChoice,
    pub(crate) language: Language,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            size: [800.0, 600.0],
            theme: ThemeChoice::Dark,
            language: Language::English,
        }
    }
}

/// A window and the engine behind it.
pub(crate) struct Window {
    pub(crate) harness: Harness<'static, App>,
    engine: EngineSide,
    clock_ms: Rc<Cell<i64>>,
    starts: Rc<Cell<u32>>,
}

/// The window before the engine has told anything.
pub(crate) fn harness(look: Look) -> Window {
    let (handle, engine) = EngineHandle::pair();
    let clock_ms = Rc::new(Cell::new(NOW_MS));
    let clock = Rc::clone(&clock_ms);
    let starts = Rc::new(Cell::new(0));
    let started = Rc::clone(&starts);
    let options = RunOptions {
        start_engine: Box::new(move |_waker| {
            started.set(started.get() + 1);
            Ok(handle.clone())
        }),
        settings: settings(look),
        language: look.language,
        now_ms: Box::new(move || clock.get()),
        pick_files: Box::new(|_, _, _| Box::pin(async { Vec::new() })),
        save_file: Box::new(|_, _, _| Box::pin(async { Vec::new() })),
    };
    let mut harness = Harness::builder()
        .with_size(look.size)
        .with_pixels_per_point(1.0)
        .with_os(egui::os::OperatingSystem::Nix)
        .with_max_steps(12)
        .with_render_cursor(false)
        .wgpu()
        .build_eframe(move |creation| App::new(creation, options));
    harness.input_mut().max_texture_side = Some(8192);
    harness.run();
    Window {
        harness,
        engine,
        clock_ms,
        starts,
    }
}

/// The window with the engine up and an empty library.
pub(crate) fn ready(look: Look) -> Window {
    let mut window = harness(look);
    window.tell(ready_event(settings(look)));
    window.tell(Event::Gallery(GalleryChange::All(Arc::new([]))));
    window.commands();
    window
}

fn ready_event(settings: Settings) -> Event {
    Event::Ready {
        settings: Box::new(settings),
        keys: atelier::model::KnownKeys::default(),
        library_dir: PathBuf::from("/home/me/Pictures/Atelier"),
        catalog: Arc::new(built_in_catalog()),
    }
}

fn settings(look: Look) -> Settings {
    Settings {
        language: Some(look.language),
        theme: look.theme,
        ..Settings::default()
    }
}

impl Window {
    /// The engine tells something, and the window draws until it is at rest.
    pub(crate) fn tell(&mut self, event: Event) {
        self.engine.push(event);
        self.harness.run();
    }

    /// The engine tells of other preferences than it did.
    pub(crate) fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.harness.state().state().studio.settings.clone();
        change(&mut settings);
        self.tell(ready_event(settings));
        self.commands();
    }

    /// The engine comes up with these preferences, and with an empty library.
    pub(crate) fn become_ready(&mut self, change: impl FnOnce(&mut Settings)) {
        let studio = &self.harness.state().state().studio;
        let mut settings = studio.settings_shared.clone();
        change(&mut settings);
        self.tell(ready_event(settings));
        self.tell(Event::Gallery(GalleryChange::All(Arc::new([]))));
    }

    /// How often the engine was started.
    pub(crate) fn starts(&self) -> u32 {
        self.starts.get()
    }

    /// Lets time pass.
    pub(crate) fn wait_ms(&mut self, ms: i64) {
        self.clock_ms.set(self.clock_ms.get() + ms);
        self.harness.run();
    }

    /// Everything that the window has asked for since the last time.
    pub(crate) fn commands(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        while let Some(command) = self.engine.try_command() {
            commands.push(command);
        }
        commands
    }

    /// A picture comes onto the canvas whole.
    pub(crate) fn show_picture(&mut self, origin: PieceOrigin, sides: (u32, u32)) {
        let serial = self.harness.state().state().studio.stage.serial();
        let size = PixelSize::new(sides.0, sides.1).unwrap();
        self.engine.push(Event::Canvas(CanvasEvent::Begin {
            serial,
            origin,
            size,
            levels: 1,
        }));
        self.engine.push(Event::Canvas(CanvasEvent::Piece {
            serial,
            level: 0,
            x: 0,
            y: 0,
            pixels: pixels(sides.0, sides.1, 0),
        }));
        self.tell(Event::Canvas(CanvasEvent::End { serial, origin }));
    }

    /// Answers every question about thumbnails that the window has asked.
    pub(crate) fn give_thumbnails(&mut self) {
        for command in self.commands() {
            if let Command::Thumbnails { wanted } = command {
                for (id, size) in wanted {
                    self.give_thumbnail(id, size);
                }
            }
        }
        self.harness.run();
    }

    fn give_thumbnail(&self, id: ImageId, size: ThumbnailSize) {
        let hue = u32::try_from(id.get() >> 20 & 0xff).unwrap();
        self.engine.push(Event::Thumbnail {
            id,
            size,
            pixels: Some(pixels(128, 96, hue)),
        });
    }
}

/// A picture with something to see: a gradient whose colours follow `hue`.
pub(crate) fn pixels(width: u32, height: u32, hue: u32) -> ThumbnailPixels {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let part = |n: u32, of: u32| u8::try_from(n * 200 / of.max(1)).unwrap();
            let (r, g) = (part(x, width), part(y, height));
            let b = u8::try_from(hue.wrapping_mul(53) % 200).unwrap();
            pixels.push(u32::from_ne_bytes([r, g, b, 255]));
        }
    }
    ThumbnailPixels {
        width,
        height,
        pixels,
    }
}

/// A job's id, `n` seconds after the start.
pub(crate) fn job_id(n: i64) -> JobId {
    JobId::from_parts(u64::try_from(NOW_MS + n * 1000).unwrap(), 1)
}

/// A result's id, `n` seconds after the start.
pub(crate) fn image_id(n: i64) -> ImageId {
    ImageId::from_parts(u64::try_from(NOW_MS + n * 1000).unwrap(), 2)
}

/// What was asked in every test.
pub(crate) fn request(prompt: &str) -> GenerationRequest {
    GenerationRequest {
        prompt: Prompt::new(prompt).unwrap(),
        parameters: Parameters {
            size: SizeChoice::Exact("1536x1024".parse().unwrap()),
            ..Parameters::default()
        },
        references: Vec::new(),
        mask: None,
        group: None,
        gateway: Preset::Demo.profile(),
    }
}

/// A job at work, with no previews.
pub(crate) fn job(n: i64, prompt: &str) -> JobSnapshot {
    JobSnapshot {
        state: JobState::Running,
        stage: Stage::Accepted,
        started_ms: Some(NOW_MS + n * 1000),
        bytes_received: 1_234_567,
        request_ids: vec!["req_demo_0123456789".to_owned()],
        ..JobSnapshot::queued(job_id(n), Arc::new(request(prompt)), NOW_MS + n * 1000)
    }
}

/// Preview `preview` of a job's first picture.
pub(crate) fn preview(job: JobId, preview: u32) -> PreviewRecord {
    PreviewRecord {
        job,
        index: 0,
        preview,
        path: PathBuf::from("/tmp/preview.png"),
        size: PixelSize::new(768, 512).unwrap(),
        format: ImageFormat::Png,
    }
}

/// A result of a job, in the library.
pub(crate) fn record(n: i64, job: JobId, prompt: &str) -> ImageRecord {
    let size = PixelSize::new(1536, 1024).unwrap();
    let id = image_id(n);
    ImageRecord {
        id,
        job,
        index: 0,
        created_ms: NOW_MS + n * 1000,
        path: PathBuf::from("/home/me/Pictures/Atelier/2026/11/20261120-153012_red-fox_3f2a.png"),
        size,
        format: ImageFormat::Png,
        bytes: 3_456_789,
        file_hash: "0".repeat(64),
        recipe: Recipe {
            version: 1,
            image: id,
            job,
            index: 0,
            created_ms: NOW_MS + n * 1000,
            prompt: prompt.to_owned(),
            revised_prompt: None,
            parameters: request(prompt).parameters,
            gateway: "Demo".to_owned(),
            gateway_id: Some(GatewayId("demo".to_owned())),
            api: ApiKind::Responses,
            model: Some("gpt-5.5".to_owned()),
            image_model: "gpt-image-2".to_owned(),
            references: Vec::new(),
            mask: None,
            group: None,
            claimed_size: Some("1536x1024".to_owned()),
            claimed_format: Some("png".to_owned()),
            claimed_quality: Some("high".to_owned()),
            claimed_background: None,
            got_size: size,
            got_format: ImageFormat::Png,
            got_alpha: None,
            mismatch: Vec::new(),
            protected: None,
            delivered_hash: "0".repeat(64),
            request_id: Some("req_demo_0123456789".to_owned()),
            elapsed_ms: Some(42_000),
            usage: Some(Usage {
                input_tokens: Some(70),
                output_tokens: Some(3_336),
                input_text_tokens: Some(70),
                ..Usage::default()
            }),
            cost: None,
        },
    }
}

/// Clicks a button.
pub(crate) fn press(window: &mut Window, button: &str) {
    choose(window, Role::Button, button);
}

/// Clicks anything that has a role and a name.
pub(crate) fn choose(window: &mut Window, role: Role, name: &str) {
    window.harness.get_by_role_and_label(role, name).click();
    window.harness.run();
}

pub(crate) fn shortcut(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.harness.key_press_modifiers(modifiers, key);
    window.harness.run();
}

/// Writes into a field in place of what is there.
pub(crate) fn write(window: &mut Window, role: Role, field: &str, text: &str) {
    window.harness.get_by_role_and_label(role, field).focus();
    window.harness.run();
    shortcut(window, Modifiers::COMMAND, Key::A);
    if text.is_empty() {
        shortcut(window, Modifiers::NONE, Key::Backspace);
        return;
    }
    window
        .harness
        .get_by_role_and_label(role, field)
        .type_text(text);
    window.harness.run();
}
