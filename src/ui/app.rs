//! The application: drains the engine's events, draws the panels, carries intents out.

use std::fmt;
use std::mem;
use std::path::PathBuf;
use std::task::Waker;
use std::time::Duration;

use egui::{
    CentralPanel, Context, Event as Input, Frame, ImeEvent, Margin, Panel, ScrollArea, Stroke, Ui,
    UiBuilder, ViewportCommand,
};

use crate::engine::{
    Command, ComposeCommand, EngineHandle, Event, PickedFiles, StartFailure, ThumbnailSize,
};
use crate::model::{ImageId, Language, Layout, Obstacle, Settings, ThemeChoice};

use super::dialogs::Dialog;
use super::focus;
use super::intent::{GatewayIntent, Intent};
use super::job_text;
use super::panels::stage::StageCanvas;
use super::panels::{
    self, View, compose, controls, details, filmstrip, gallery, gateways, generate, mask,
    preflight, prompt, references, stage, start_failure, toasts, top_bar,
};
use super::requests::Requests;
use super::shortcuts::{self, Action};
use super::state::{
    AppState, Center, ComposeDialog, Edits, Effect, Screen, Subject, ToastKind, ToastMessage,
    Waiting, forget_gateway,
};
use super::text::{Key, Text};
use super::textures::{TextureStore, ThumbKey};
use super::theme;
use super::theme::tokens::{Palette, size, space};
use super::update::update;
use super::waker::waker;

/// Starts the engine in the background, once more after a start that failed; it wakes the window with the waker when it
/// has something to tell. Never waits for a disk. An error is why nothing could be started at all.
pub type StartEngine = Box<dyn FnMut(Waker) -> Result<EngineHandle, String>>;

/// Opens a dialog for files with this title, over the window.
pub type PickFiles = Box<dyn FnMut(&eframe::Frame, Dialog, &str) -> PickedFiles>;

/// Opens a dialog with this title for where to put a file of this name, over the window.
pub type SaveFile = Box<dyn FnMut(&eframe::Frame, &str, &str) -> PickedFiles>;

/// What the window is started with.
pub struct RunOptions {
    /// Starts the engine. Where it fails, the window says why and offers to try again.
    pub start_engine: StartEngine,
    /// Preferences until the engine has read the stored ones.
    pub settings: Settings,
    /// The operating system's language.
    pub language: Language,
    /// The time in milliseconds since 1970 (UTC).
    pub now_ms: Box<dyn Fn() -> i64>,
    /// Opens the file dialog.
    pub pick_files: PickFiles,
    /// Opens the dialog for where to put a file.
    pub save_file: SaveFile,
}

impl RunOptions {
    /// The usual window: default preferences, the system's dialogs.
    #[must_use]
    pub fn new(
        start_engine: StartEngine,
        language: Language,
        now_ms: Box<dyn Fn() -> i64>,
    ) -> Self {
        Self {
            start_engine,
            settings: Settings::default(),
            language,
            now_ms,
            pick_files: Box::new(super::dialogs::pick),
            save_file: Box::new(super::dialogs::save_as),
        }
    }
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

/// The window's application.
pub struct App {
    state: AppState,
    text: Text,
    textures: TextureStore,
    canvas: StageCanvas,
    requests: Requests,
    start_engine: StartEngine,
    /// `None`: nothing could be started.
    engine: Option<EngineHandle>,
    /// Whether something was drawn already.
    is_drawn: bool,
    /// Events of one frame; kept for its memory.
    events: Vec<Event>,
    /// The theme that egui was told.
    theme: Option<ThemeChoice>,
    now_ms: Box<dyn Fn() -> i64>,
    pick_files: PickFiles,
    save_file: SaveFile,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Sets fonts and themes up and starts the engine.
    #[must_use]
    pub fn new(creation: &eframe::CreationContext<'_>, options: RunOptions) -> Self {
        let RunOptions {
            start_engine,
            settings,
            language,
            now_ms,
            pick_files,
            save_file,
        } = options;
        let ctx = &creation.egui_ctx;
        theme::install(ctx);
        let state = AppState::new(settings, language);
        let mut app = Self {
            text: Text::new(state.studio.language),
            state,
            textures: TextureStore::default(),
            canvas: StageCanvas::default(),
            requests: Requests::default(),
            start_engine,
            engine: None,
            is_drawn: false,
            events: Vec::new(),
            theme: None,
            now_ms,
            pick_files,
            save_file,
        };
        app.start(ctx);
        app
    }

    /// Starts the engine, which opens the library in the background.
    fn start(&mut self, ctx: &Context) {
        self.engine = match (self.start_engine)(waker(ctx)) {
            Ok(engine) => Some(engine),
            Err(message) => {
                self.state.studio.start_failure = Some(StartFailure {
                    obstacle: Obstacle::Other,
                    path: None,
                    message,
                });
                None
            }
        };
    }

    /// The state, for tests to look at.
    #[must_use]
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    /// Takes an event of the engine: pixels to where they are drawn from, everything else into the state.
    fn take_event(&mut self, mut event: Event, ctx: &Context, frame: &eframe::Frame) {
        match &mut event {
            Event::Canvas(_) => {
                if let Event::Canvas(event) = event {
                    self.canvas.picture.apply(event);
                }
                return;
            }
            Event::Thumbnail { id, size, pixels } => {
                self.requests.thumbnail_came(*id, *size);
                self.textures
                    .put(ThumbKey::Image(*id, *size), pixels.take());
                return;
            }
            Event::JobThumbnail { job, thumbnail } => {
                let pixels = mem::take(&mut thumbnail.pixels);
                let pixels = crate::engine::ThumbnailPixels {
                    pixels,
                    ..thumbnail.clone()
                };
                self.textures.put(ThumbKey::Job(*job), Some(pixels));
                return;
            }
            Event::ReferenceReady {
                token, thumbnail, ..
            } => {
                self.textures
                    .put(ThumbKey::Reference(*token), Some(thumbnail.clone()));
            }
            Event::JobDismissed(job) => self.textures.remove(ThumbKey::Job(*job)),
            _ => {}
        }
        let added = match &event {
            Event::ReferenceReady { token, .. } => Some(*token),
            _ => None,
        };
        let now_ms = (self.now_ms)();
        let effects = self.state.apply(event, now_ms);
        // The same picture twice is not added.
        if let Some(token) = added.filter(|t| self.state.studio.references.get(*t).is_none()) {
            self.textures.remove(ThumbKey::Reference(token));
        }
        self.carry_out(effects, ctx, frame);
        if self.state.studio.masks.take_generate() {
            self.take_intent(Intent::Do(Action::Generate), ctx, frame);
        }
    }

    fn take_intent(&mut self, intent: Intent, ctx: &Context, frame: &eframe::Frame) {
        let now_ms = (self.now_ms)();
        let references = |state: &AppState| -> Vec<_> {
            let slots = state.studio.references.slots().iter();
            slots.map(|slot| slot.token).collect()
        };
        let before = references(&self.state);
        let effects = update(&mut self.state, intent, now_ms);
        let after = references(&self.state);
        for token in before {
            if !after.contains(&token) {
                self.textures.remove(ThumbKey::Reference(token));
            }
        }
        self.text.set_language(self.state.studio.language);
        self.carry_out(effects, ctx, frame);
    }

    fn carry_out(&mut self, effects: Vec<Effect>, ctx: &Context, frame: &eframe::Frame) {
        for effect in effects {
            match effect {
                Effect::Send(command) => self.send(command),
                Effect::ClearCanvas => self.canvas.picture.clear(),
                Effect::Copy(text) => ctx.copy_text(text),
                Effect::Compose(dialog) => self.ask_for_compose(dialog, frame),
                Effect::StartEngine => self.start(ctx),
                Effect::FocusPrompt => {
                    ctx.memory_mut(|memory| memory.request_focus(prompt::editor_id()));
                }
                Effect::FocusVariable(name) => {
                    let id = prompt::variable_id(&name);
                    ctx.memory_mut(|memory| memory.request_focus(id));
                }
                Effect::FocusRows => {
                    ctx.memory_mut(|memory| memory.request_focus(compose::table_id()));
                }
                Effect::FocusTemplates => {
                    ctx.memory_mut(|memory| memory.request_focus(compose::templates_id()));
                }
                Effect::FocusKey(gateway) => {
                    let id = gateways::key_field_id(&gateway);
                    ctx.memory_mut(|memory| memory.request_focus(id));
                }
                Effect::FocusAddress(gateway) => {
                    let id = gateways::first_address_id(&gateway);
                    ctx.memory_mut(|memory| memory.request_focus(id));
                }
                Effect::RequestPaste => {
                    ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
                    // What comes of it waits for a frame.
                    ctx.request_repaint_of(egui::ViewportId::ROOT);
                }
                Effect::PickReferences(first, most) => {
                    let title = self.text.get(Key::ActionPickReferences);
                    let files = (self.pick_files)(frame, Dialog::Pictures, title);
                    self.send(Command::AddPickedReferences { first, files, most });
                }
                Effect::PickMask(token, size) => {
                    let title = self.text.get(Key::MaskLoad);
                    let from = (self.pick_files)(frame, Dialog::Mask, title);
                    self.send(Command::PickMask { token, from, size });
                }
                Effect::SaveMask(mask) => {
                    let title = self.text.get(Key::MaskSave);
                    let to = (self.save_file)(frame, title, "mask.png");
                    self.send(Command::SaveMask { mask, to });
                }
                Effect::SaveCopy(from) => {
                    let name = from.file_name().unwrap_or_default().to_string_lossy();
                    let title = self.text.get(Key::FailurePreviewSave);
                    let to = (self.save_file)(frame, title, &format!("preview-{name}"));
                    self.send(Command::CopyFile { from, to });
                }
                Effect::ImportGateways => {
                    let title = self.text.get(Key::GatewaysImport);
                    let from = (self.pick_files)(frame, Dialog::ReadGateways, title);
                    self.send(Command::ImportGateways { from });
                }
                Effect::ExportGateways => {
                    let title = self.text.get(Key::GatewaysExport);
                    let to = (self.pick_files)(frame, Dialog::WriteGateways, title);
                    let gateways = Vec::new();
                    self.send(Command::ExportGateways { to, gateways });
                }
            }
        }
    }

    /// Opens a dialog of the composer; the engine awaits it.
    fn ask_for_compose(&mut self, dialog: ComposeDialog, frame: &eframe::Frame) {
        let (kind, title) = match &dialog {
            ComposeDialog::Sheet => (Dialog::Sheet, Key::BatchSheet),
            ComposeDialog::Folder => (Dialog::Folder, Key::BatchFolder),
            ComposeDialog::ImportTemplates => (Dialog::ReadTemplates, Key::TemplatesImport),
            ComposeDialog::ExportTemplates(_) => (Dialog::WriteTemplates, Key::TemplatesExport),
        };
        let files = (self.pick_files)(frame, kind, self.text.get(title));
        self.send(Command::Compose(match dialog {
            ComposeDialog::Sheet => ComposeCommand::ReadSheet(files),
            ComposeDialog::Folder => ComposeCommand::ReadFolder(files),
            ComposeDialog::ImportTemplates => ComposeCommand::ImportTemplates(files),
            ComposeDialog::ExportTemplates(templates) => ComposeCommand::ExportTemplates {
                to: files,
                templates,
            },
        }));
    }

    /// Stores what is composed, a moment after it was changed.
    fn save_draft(&mut self, ctx: &Context) {
        let now_ms = (self.now_ms)();
        let (command, later_ms) = self.state.draft_due(now_ms);
        if let Some(command) = command {
            self.send(command);
        }
        if let Some(command) = self.state.studio.take_changed_shelf() {
            self.send(command);
        }
        if let Some(ms) = later_ms {
            let ms = u64::try_from(ms).unwrap_or_default().max(1);
            ctx.request_repaint_after(Duration::from_millis(ms));
        }
    }

    fn send(&mut self, command: Command) {
        let Some(engine) = &self.engine else { return };
        if let Command::Show { serial, .. } = &command {
            self.canvas.picture.expect(*serial);
        }
        let waiting = Waiting::of(&command);
        if engine.try_send(command).is_err() {
            for it in waiting {
                self.state.give_up(it);
            }
            let now_ms = (self.now_ms)();
            let toasts = &mut self.state.studio.toasts;
            toasts.push(ToastKind::Error, ToastMessage::Busy, now_ms);
        }
    }

    /// Stores preferences that changed, once the pointer is up: a slider that is dragged is not stored at every step.
    fn save_settings(&mut self, ctx: &Context) {
        let studio = &mut self.state.studio;
        if !studio.ready || ctx.input(|i| i.pointer.any_down()) {
            return;
        }
        if let Some(command) = studio.take_unsaved() {
            self.send(command);
        }
    }

    /// Asks what the chosen gateway is sent in place of references, where that is not known yet.
    fn fit_references(&mut self) {
        if self.state.studio.ready
            && let Some(command) = self.state.studio.take_unfitted()
        {
            self.send(command);
        }
    }

    /// Clocks and messages that go away: the next moment at which the window looks different by itself.
    fn wake_later(&mut self, ctx: &Context) {
        let now_ms = (self.now_ms)();
        let studio = &mut self.state.studio;
        let toast_ms = studio.toasts.tick(now_ms);
        let clock_ms = studio
            .jobs
            .newest_first()
            .filter(|job| !job.snapshot.state.is_final())
            .map(|job| 1_000 - job.elapsed_ms(now_ms) % 1_000)
            .min();
        // A link of a job that has failed counts down on its card.
        let link_ms = match studio.stage.subject() {
            Some(Subject::Job(id)) => studio.jobs.get(id),
            Some(Subject::Image(_)) | None => None,
        }
        .into_iter()
        .flat_map(|job| job_text::deadlines(job, now_ms))
        .map(|until_ms| (until_ms - now_ms - 1) % 1_000 + 1)
        .min();
        let pause_ms = studio.gateways.tick(now_ms);
        let next_ms = [toast_ms, clock_ms, link_ms, pause_ms];
        if let Some(ms) = next_ms.into_iter().flatten().min() {
            let ms = u64::try_from(ms).unwrap_or_default().max(1);
            ctx.request_repaint_after(Duration::from_millis(ms));
        }
        // A gateway that is gone for good takes its key along.
        for gateway in studio.toasts.take_gone() {
            let effects = forget_gateway(&mut self.state, gateway);
            for effect in effects {
                if let Effect::Send(command) = effect {
                    self.send(command);
                }
            }
        }
    }

    /// What keyboard, clipboard and dropped files ask for.
    fn read_input(&mut self, ctx: &Context, intents: &mut Vec<Intent>) {
        let prompt = &mut self.state.edits.prompt;
        let is_typing = ctx.text_edit_focused();
        let popup_open = egui::Popup::is_any_open(ctx);
        let on_gateways = self.state.studio.screen == Screen::Gateways;
        if !is_typing {
            // Some input methods say nothing when the field that they compose in loses the keyboard.
            prompt.composing = false;
        }
        ctx.input_mut(|input| {
            if shortcuts::clipboard(input) {
                intents.push(if on_gateways {
                    Intent::Gateway(GatewayIntent::RequestPaste)
                } else if is_typing {
                    Intent::Paste
                } else {
                    Intent::PasteReference
                });
            }
            for event in &input.events {
                match event {
                    Input::Ime(ImeEvent::Preedit { text, .. }) => {
                        prompt.composing = !text.is_empty();
                    }
                    Input::Ime(ImeEvent::Commit(_)) => prompt.composing = false,
                    Input::PasteImage(_) if !on_gateways => intents.push(Intent::PasteReference),
                    Input::Paste(text) if !is_typing && on_gateways => {
                        let intent = GatewayIntent::ReadPasted(text.clone());
                        intents.push(Intent::Gateway(intent));
                    }
                    // Copied files arrive as text; the engine asks for the files themselves.
                    Input::Paste(_) if !is_typing => intents.push(Intent::PasteReference),
                    _ => {}
                }
            }
            let files: Vec<PathBuf> = input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_path_buf())
                .filter(|path| !path.as_os_str().is_empty())
                .collect();
            if !files.is_empty() {
                intents.push(Intent::AddFiles(files));
            }
            // Escape closes what egui has open, and leaves a text field, before it means anything to us.
            let escape_is_taken = popup_open || is_typing;
            for action in Action::pressed(input, is_typing, prompt.composing, escape_is_taken) {
                intents.push(Intent::Do(action));
            }
        });
    }

    fn draw(&mut self, ui: &mut Ui, intents: &mut Vec<Intent>) -> Missing {
        let mut missing = Missing::default();
        let AppState { studio, edits } = &mut self.state;
        let mut view = View {
            studio,
            text: &self.text,
            now_ms: (self.now_ms)(),
            textures: &mut self.textures,
            wanted: &mut missing.thumbnails,
            wanted_records: &mut missing.records,
            out: intents,
            canvas_has_picture: !self.canvas.picture.is_empty(),
        };
        let panel = Palette::of(ui).panel;
        let bar = Frame::new().fill(panel);
        let mut layout = view.studio.settings.layout;
        Panel::top("top bar")
            .exact_size(size::TOP_BAR)
            .frame(bar.inner_margin(Margin::symmetric(12, 0)))
            .show(ui, |ui| {
                top_bar::show(ui, &mut view, &mut edits.gateways.search);
            });
        if let Some(failure) = &view.studio.start_failure {
            CentralPanel::default()
                .frame(Frame::new().fill(Palette::of(ui).stage))
                .show(ui, |ui| start_failure::show(ui, &mut view, failure));
            return missing;
        }
        if view.studio.screen == Screen::Gateways {
            let is_composing = edits.prompt.composing;
            gateways::show(ui, &mut view, &mut edits.gateways, is_composing);
            toasts::show(ui, &mut view);
            return missing;
        }
        let is_create = view.studio.screen == Screen::Create;
        if is_create {
            let zone = Panel::left("making")
                .default_size(layout.left)
                .size_range(280.0..=460.0)
                .frame(bar)
                .show(ui, |ui| {
                    ui.take_available_width();
                    making_ui(ui, &mut view, edits);
                });
            layout.left = zone.response.rect.width();
            panels::name_splitter(ui, "making", view.t(Key::ResizeMaking));
        }
        let zone = Panel::right("details")
            .default_size(layout.right)
            .size_range(240.0..=440.0)
            .frame(bar.inner_margin(Margin::same(12)))
            .show(ui, |ui| {
                // A panel is as wide as its content: without this it would change with what it shows.
                ui.take_available_width();
                match &mut edits.mask {
                    Some(edit) if is_create => mask::show(ui, &mut view, edit),
                    _ => details::show(ui, &mut view, &edits.grid),
                }
            });
        layout.right = zone.response.rect.width();
        panels::name_splitter(ui, "details", view.t(Key::ResizeDetails));
        if is_create {
            Panel::bottom("filmstrip")
                .exact_size(size::STRIP_CELL + 2.0 * space::M)
                .frame(bar.inner_margin(Margin::symmetric(12, 12)))
                .show(ui, |ui| {
                    ui.set_min_height(size::STRIP_CELL);
                    filmstrip::show(ui, &mut view);
                });
        }
        CentralPanel::default()
            .frame(Frame::new().fill(Palette::of(ui).stage))
            .show(ui, |ui| {
                let in_mask = edits.mask.is_some();
                if is_create && !in_mask && view.studio.compose.center != Center::Canvas {
                    compose::show(ui, &mut view, edits);
                } else if is_create {
                    stage::show(ui, &mut view, &mut self.canvas, edits.mask.as_deref_mut());
                } else {
                    gallery::show(ui, &mut view, &mut edits.grid);
                }
            });
        toasts::show(ui, &mut view);
        remember_layout(ui.ctx(), &mut view, layout);
        if ui.input(|input| !input.raw.hovered_files.is_empty()) {
            references::drop_overlay(ui, &view);
        }
        missing
    }
}

/// What a job is made of, and below it the button that starts it. Not a panel of its own: panels come before what
/// they leave room for, and the keyboard would reach the button before the prompt.
fn making_ui(ui: &mut Ui, view: &mut View<'_>, edits: &mut Edits) {
    let whole = ui.available_rect_before_wrap();
    let (above, below) = whole.split_top_bottom_at_y(whole.bottom() - generate::HEIGHT);
    ui.scope_builder(UiBuilder::new().max_rect(above), |ui| {
        ScrollArea::vertical()
            .id_salt("making")
            .auto_shrink([false, false])
            .content_margin(Margin::same(12))
            .show(ui, |ui| {
                prompt::show(ui, view, edits);
                preflight::show(ui, view, edits);
                ui.add_space(space::XS);
                references::show(ui, view, &mut edits.crop);
                mask::row(ui, view, &mut edits.outpaint);
                ui.add_space(space::XS);
                controls::show(ui, view, &mut edits.size);
            });
    });
    let line = Palette::of(ui).line;
    ui.painter()
        .hline(below.x_range(), below.top() + 0.5, Stroke::new(1.0, line));
    let inside = Margin {
        left: 12,
        right: 12,
        top: 11,
        bottom: 4,
    };
    ui.scope_builder(UiBuilder::new().max_rect(below - inside), |ui| {
        generate::show(ui, view, edits);
    });
}

/// Keeps the window's measures once they have changed by more than a hair and the pointer is up.
fn remember_layout(ctx: &Context, view: &mut View<'_>, mut layout: Layout) {
    let is_dragged = ctx.input(|input| {
        let viewport = input.viewport();
        layout.maximized = viewport.maximized.unwrap_or(layout.maximized);
        if let (Some(rect), false) = (viewport.inner_rect, layout.maximized) {
            layout.window = rect.size().into();
        }
        input.pointer.any_down()
    });
    let known = view.studio.settings.layout;
    let differs = |a: f32, b: f32| (a - b).abs() >= 1.0;
    let [width, height] = layout.window;
    let changed = layout.maximized != known.maximized
        || differs(layout.left, known.left)
        || differs(layout.right, known.right)
        || differs(width, known.window[0])
        || differs(height, known.window[1]);
    if changed && !is_dragged {
        view.push(Intent::SetLayout(layout));
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let (Some(engine), Some(command)) = (&self.engine, self.state.take_last_draft())
            && engine.try_send(command).is_err()
        {
            tracing::warn!("the last change of the draft is not stored");
        }
    }
}

/// What a frame would have drawn if it had been here.
#[derive(Debug, Default)]
struct Missing {
    thumbnails: Vec<(ImageId, ThumbnailSize)>,
    records: Vec<ImageId>,
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        let mut events = mem::take(&mut self.events);
        if let Some(engine) = &self.engine {
            engine.drain(&mut events);
        }
        for event in events.drain(..) {
            self.take_event(event, ctx, frame);
        }
        self.events = events;
        self.text.set_language(self.state.studio.language);
        self.wake_later(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let theme = self.state.studio.settings.theme;
        if self.theme != Some(theme) {
            self.theme = Some(theme);
            theme::choose(&ctx, theme);
        }
        let mut intents = Vec::new();
        self.read_input(&ctx, &mut intents);
        let missing = self.draw(ui, &mut intents);
        focus::show(&ctx);
        let changed = !intents.is_empty();
        for intent in intents {
            self.take_intent(intent, &ctx, frame);
        }
        if let Some(command) = self.requests.thumbnails(&missing.thumbnails) {
            self.send(command);
        }
        if let Some(command) = self.requests.records(&missing.records) {
            self.send(command);
        }
        self.save_settings(&ctx);
        self.save_draft(&ctx);
        self.fit_references();
        if !self.is_drawn {
            self.is_drawn = true;
            tracing::debug!(
                ready = self.state.studio.ready,
                "the first frame is laid out"
            );
        }
        if changed {
            // What was drawn is out of date.
            ctx.request_repaint_of(egui::ViewportId::ROOT);
        }
    }
}
