//! What a frame costs the UI thread: logic, ui and tessellation of the real window, without a GPU.
//!
//! `cargo bench --bench ui_frame` prints median, 99th percentile and maximum of the Create screen at rest, of the same
//! screen while four 4K jobs stream, of the editor of a 4K mask at rest and while a large soft brush paints, and of a gallery of 100 000 pictures at rest and scrolling. The windows take
//! turns, frame by frame, so that whatever else the machine does falls on all of them; ratios are to the same screen
//! at rest; a batch of 500 rows at rest, edited and at work against the Create screen (style.md section 4: at most 8 ms; issue 2: at most twice an idle frame). Uploads are counted as they are
//! handed to the painter; copying them, which wgpu does when it paints, is timed apart.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures and prints"
)]

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use atelier::desktop::built_in_catalog;
use atelier::engine::{
    CanvasEvent, Command, ComposeCommand, ComposeEvent, EngineHandle, EngineSide, Event,
    GalleryChange, GroupSubmission, JobSnapshot, PieceOrigin, ReferenceToken, ThumbnailPixels,
};
use atelier::model::compose::GroupId;
use atelier::model::{
    ApiKind, GatewayId, GenerationRequest, ImageFormat, ImageId, ImageRecord, JobId, JobState,
    Language, Parameters, PixelSize, Preset, Prompt, Recipe, Reference, Settings, Stage,
};
use atelier::ui::widgets::canvas::TILE_PX;
use atelier::ui::{App, RunOptions};
use eframe::App as _;
use egui::{Context, ImageData, Key, Modifiers, RawInput, Rect, TextureId, Vec2, pos2, vec2};

const SCREEN: Vec2 = vec2(1600.0, 1000.0);
/// Unless a number is given: `cargo bench --bench ui_frame -- 5000`.
const FRAMES: usize = 1500;
/// Until everything that a screen at rest shows has come.
const WARM_UP: usize = 80;
const NOW_MS: i64 = 1_780_000_000_000;
const PROMPT: &str = "A red fox in the snow, ink wash, 水墨";

/// What one frame took.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    ui_us: f64,
    copy_us: f64,
    uploads: usize,
    bytes: usize,
}

/// What the user does and the engine tells before a frame. It is given the engine's end, the serial of the newest
/// `Show`, and the number of the frame.
type Script = dyn FnMut(&EngineSide, u64, usize) -> Vec<egui::Event>;

/// A window and the engine behind it, which is played here.
struct Window {
    name: &'static str,
    ctx: Context,
    app: App,
    frame: eframe::Frame,
    engine: EngineSide,
    steps: usize,
    costs: Vec<Cost>,
    script: Box<Script>,
    /// Of the newest `Show`.
    serial: u64,
    /// The newest group that was sent.
    sent: Option<Box<GroupSubmission>>,
}

impl Window {
    fn new(
        name: &'static str,
        script: impl FnMut(&EngineSide, u64, usize) -> Vec<egui::Event> + 'static,
    ) -> Self {
        let (handle, engine) = EngineHandle::pair();
        let options = RunOptions {
            start_engine: Box::new(move |_| Ok(handle.clone())),
            settings: Settings::default(),
            language: Language::English,
            now_ms: Box::new(|| NOW_MS),
            pick_files: Box::new(|_, _, _| Box::pin(async { Vec::new() })),
            save_file: Box::new(|_, _, _| Box::pin(async { Vec::new() })),
        };
        let ctx = Context::default();
        let creation = eframe::CreationContext::_new_kittest(ctx.clone());
        let app = App::new(&creation, options);
        engine.push(Event::Ready {
            settings: Box::default(),
            keys: atelier::model::KnownKeys::default(),
            library_dir: "/home/me/Pictures/Atelier".into(),
            catalog: Arc::new(built_in_catalog()),
        });
        Self {
            name,
            ctx,
            app,
            frame: eframe::Frame::_new_kittest(),
            engine,
            steps: 0,
            costs: Vec::new(),
            script: Box::new(script),
            serial: 0,
            sent: None,
        }
    }

    /// The Create screen with four jobs at work, the newest of them on the canvas, with its first preview.
    fn create(
        name: &'static str,
        script: impl FnMut(&EngineSide, u64, usize) -> Vec<egui::Event> + 'static,
    ) -> Self {
        let mut window = Self::new(name, script);
        let list: Vec<_> = ids(40).collect();
        window.gallery(&list);
        window.step(vec![key(Modifiers::COMMAND, Key::L)]);
        window.step(vec![egui::Event::Text(PROMPT.to_owned())]);
        window.step(vec![key(Modifiers::COMMAND, Key::Enter)]);
        for job in 0..4 {
            window
                .engine
                .push(Event::JobChanged(Box::new(snapshot(job, 0))));
            window.step(Vec::new());
        }
        assert!(window.serial > 0, "a new job is shown");
        for event in picture(window.serial, PieceOrigin::Preview { preview: 0 }) {
            window.engine.push(Event::Canvas(event));
        }
        for job in 0..4 {
            window.engine.push(job_thumbnail(job));
        }
        window
    }

    /// The editor of a mask for a 4K picture, with a brush of about 330 px.
    fn editor(
        name: &'static str,
        script: impl FnMut(&EngineSide, u64, usize) -> Vec<egui::Event> + 'static,
    ) -> Self {
        let mut window = Self::create(name, script);
        window.engine.push(Event::ReferenceReady {
            token: ReferenceToken(1),
            reference: Box::new(Reference {
                hash: "ab".repeat(32),
                path: "/cache/room.png".into(),
                name: "room.png".to_owned(),
                format: ImageFormat::Png,
                size: PixelSize::new(3840, 2160).unwrap(),
                bytes: 15_000_000,
                image: None,
            }),
            thumbnail: pixels(256, 144, 1),
            digest: String::new(),
        });
        window.step(Vec::new());
        // The prompt would take the keys of the tools.
        window.step(vec![key(Modifiers::NONE, Key::Escape)]);
        window.step(vec![key(Modifiers::COMMAND, Key::M)]);
        window.step(Vec::new());
        assert!(
            window.app.state().edits.mask.is_some(),
            "the editor is open"
        );
        for _ in 0..15 {
            window.step(vec![key(Modifiers::NONE, Key::CloseBracket)]);
        }
        for event in picture(window.serial, PieceOrigin::Result) {
            window.engine.push(Event::Canvas(event));
        }
        window
    }

    /// The table of a batch of 500 rows. Opening and sending it are frames of their own, and printed.
    fn batch(
        name: &'static str,
        script: impl FnMut(&EngineSide, u64, usize) -> Vec<egui::Event> + 'static,
    ) -> Self {
        let mut window = Self::new(name, script);
        let list: Vec<_> = ids(40).collect();
        window.gallery(&list);
        window.step(vec![key(Modifiers::COMMAND, Key::L)]);
        let words: Vec<String> = (0..500).map(|row| format!("word {row}")).collect();
        let prompt = format!(
            "A red fox in the snow, {{{}}}, ink wash, 水墨",
            words.join("|")
        );
        window.step(vec![egui::Event::Text(prompt)]);
        window.step(Vec::new());
        let open = window.step(vec![key(Modifiers::COMMAND, Key::Enter)]);
        let drawn = window.step(Vec::new());
        println!(
            "{name}: opened in {:.2} ms, first drawn in {:.2} ms",
            open.ui_us / 1e3,
            drawn.ui_us / 1e3
        );
        // The keyboard goes to the table as a person would go: by a click on a row.
        window.click(pos2(700.0, 260.0));
        let before = window.app.state().edits.compose.row;
        window.step(vec![key(Modifiers::NONE, Key::ArrowDown)]);
        let after = window.app.state().edits.compose.row;
        assert_eq!(after, before + 1, "the click has brought the keys");
        window
    }

    /// The same, sent: every row has a job that waits for its turn.
    fn sent_batch(
        name: &'static str,
        script: impl FnMut(&EngineSide, u64, usize) -> Vec<egui::Event> + 'static,
    ) -> Self {
        let mut window = Self::batch(name, script);
        // The key that sends, which was pressed before to open the table.
        let mut release = key(Modifiers::COMMAND, Key::Enter);
        if let egui::Event::Key { pressed, .. } = &mut release {
            *pressed = false;
        }
        let cost = window.step(vec![release, key(Modifiers::COMMAND, Key::Enter)]);
        println!("{name}: sent in {:.2} ms", cost.ui_us / 1e3);
        let sent = window.sent.take().unwrap();
        assert_eq!(sent.members.len(), 500);
        let jobs: Vec<_> = (0..500).map(|n| (n, snapshot(n, 0).id)).collect();
        window
            .engine
            .push(Event::Compose(ComposeEvent::GroupStarted {
                token: sent.token,
                group: GroupId(jobs[0].1),
                jobs,
            }));
        for job in 0..500 {
            let queued = JobSnapshot {
                state: JobState::Queued,
                ..snapshot(job, 0)
            };
            window.engine.push(Event::JobChanged(Box::new(queued)));
        }
        let cost = window.step(Vec::new());
        println!("{name}: its jobs taken in in {:.2} ms", cost.ui_us / 1e3);
        window
    }

    /// Clicks; what the frame took in which the button went up.
    fn click(&mut self, pos: egui::Pos2) -> Cost {
        let button = |pressed| egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.step(vec![egui::Event::PointerMoved(pos)]);
        self.step(vec![button(true)]);
        self.step(vec![button(false)])
    }

    /// The gallery with so many pictures.
    fn gallery_of(
        name: &'static str,
        count: u32,
        script: impl FnMut(&EngineSide, u64, usize) -> Vec<egui::Event> + 'static,
    ) -> Self {
        let mut window = Self::new(name, script);
        let list: Vec<_> = ids(count).collect();
        window.gallery(&list);
        window.step(vec![key(Modifiers::COMMAND, Key::Num2)]);
        window
    }

    fn gallery(&mut self, ids: &[ImageId]) {
        self.engine
            .push(Event::Gallery(GalleryChange::All(ids.into())));
    }

    fn turn(&mut self) {
        let events = (self.script)(&self.engine, self.serial, self.costs.len());
        let cost = self.step(events);
        self.costs.push(cost);
    }

    /// One frame.
    fn step(&mut self, events: Vec<egui::Event>) -> Cost {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), SCREEN)),
            max_texture_side: Some(8192),
            time: Some(self.steps as f64 / 60.0),
            focused: true,
            events,
            ..RawInput::default()
        };
        self.steps += 1;
        let begin = Instant::now();
        let output = self.ctx.run_ui(input, |ui| {
            let ctx = ui.ctx().clone();
            self.app.logic(&ctx, &mut self.frame);
            self.app.ui(ui, &mut self.frame);
        });
        let primitives = self
            .ctx
            .tessellate(output.shapes.clone(), output.pixels_per_point);
        let ui_us = begin.elapsed().as_secs_f64() * 1e6;
        black_box(primitives);

        let mut cost = Cost {
            ui_us,
            ..Cost::default()
        };
        let begin = Instant::now();
        let font = TextureId::default();
        let set = output.textures_delta.set.iter();
        for delta in set
            .filter(|(id, _)| **id != font)
            .flat_map(|(_, deltas)| deltas)
        {
            let ImageData::Color(image) = &delta.image;
            cost.uploads += 1;
            cost.bytes += image.pixels.len() * 4;
            black_box(image.pixels.clone());
        }
        cost.copy_us = begin.elapsed().as_secs_f64() * 1e6;
        output.drop_without_applying_deltas();
        self.answer();
        cost
    }

    /// The engine answers at once: the next frame has it.
    fn answer(&mut self) {
        while let Some(command) = self.engine.try_command() {
            match command {
                Command::Show { serial, .. } => self.serial = serial,
                Command::Compose(ComposeCommand::Send(submission)) => self.sent = Some(submission),
                Command::Thumbnails { wanted } => {
                    for (id, size) in wanted {
                        let pixels = Some(pixels(256, 144, id.get() as u32));
                        self.engine.push(Event::Thumbnail { id, size, pixels });
                    }
                }
                Command::LoadRecords(ids) => {
                    let records = ids.into_iter().map(record).collect();
                    self.engine.push(Event::Records(records));
                }
                _ => {}
            }
        }
    }
}

fn key(modifiers: Modifiers, key: Key) -> egui::Event {
    egui::Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers,
    }
}

/// Newest first.
fn ids(count: u32) -> impl Iterator<Item = ImageId> {
    (0..count)
        .rev()
        .map(|n| ImageId::from_parts(NOW_MS as u64 - 1_000_000 + u64::from(n), n))
}

fn job_id(job: u32) -> JobId {
    JobId::from_parts(NOW_MS as u64 + u64::from(job), job)
}

fn pixels(width: u32, height: u32, seed: u32) -> ThumbnailPixels {
    ThumbnailPixels {
        width,
        height,
        pixels: (0..width * height)
            .map(|i| u32::from_ne_bytes([(i ^ seed) as u8, (i >> 4) as u8, seed as u8, 255]))
            .collect(),
    }
}

fn request() -> GenerationRequest {
    GenerationRequest {
        prompt: Prompt::new(PROMPT).unwrap(),
        parameters: Parameters::default(),
        references: Vec::new(),
        mask: None,
        group: None,
        gateway: Preset::Demo.profile(),
    }
}

fn snapshot(job: u32, bytes_received: u64) -> JobSnapshot {
    JobSnapshot {
        state: JobState::Running,
        stage: Stage::Accepted,
        started_ms: Some(NOW_MS),
        bytes_received,
        request_ids: vec!["req_demo_0123456789".to_owned()],
        ..JobSnapshot::queued(job_id(job), Arc::new(request()), NOW_MS)
    }
}

fn job_thumbnail(job: u32) -> Event {
    Event::JobThumbnail {
        job: job_id(job),
        thumbnail: pixels(256, 144, job),
    }
}

fn record(id: ImageId) -> ImageRecord {
    let size = PixelSize::new(3840, 2160).unwrap();
    ImageRecord {
        id,
        job: job_id(0),
        index: 0,
        created_ms: NOW_MS,
        path: "/home/me/Pictures/Atelier/2026/11/20261120-153012_red-fox_3f2a.png".into(),
        size,
        format: ImageFormat::Png,
        bytes: 15_400_000,
        file_hash: "0".repeat(64),
        recipe: Recipe {
            version: 1,
            image: id,
            job: job_id(0),
            index: 0,
            created_ms: NOW_MS,
            prompt: PROMPT.to_owned(),
            revised_prompt: None,
            parameters: request().parameters,
            gateway: "Demo".to_owned(),
            gateway_id: Some(GatewayId("demo".to_owned())),
            api: ApiKind::Responses,
            model: None,
            image_model: "gpt-image-2".to_owned(),
            references: Vec::new(),
            mask: None,
            group: None,
            claimed_size: None,
            claimed_format: None,
            claimed_quality: None,
            claimed_background: None,
            got_size: size,
            got_format: ImageFormat::Png,
            got_alpha: None,
            mismatch: Vec::new(),
            protected: None,
            delivered_hash: "0".repeat(64),
            request_id: None,
            elapsed_ms: Some(42_000),
            usage: None,
            cost: None,
        },
    }
}

/// A 4K picture as the engine sends it: bands of 64 rows with what becomes of them in the smaller levels.
fn picture(serial: u64, origin: PieceOrigin) -> VecDeque<CanvasEvent> {
    let size = PixelSize::new(3840, 2160).unwrap();
    let levels = 3;
    let mut events = VecDeque::from([CanvasEvent::Begin {
        serial,
        origin,
        size,
        levels,
    }]);
    for top in (0..size.height()).step_by(64) {
        let (mut width, mut height, mut top, mut rows) = (size.width(), size.height(), top, 64);
        for level in 0..levels {
            let band = (top + rows).min(height).saturating_sub(top);
            for x in (0..width).step_by(TILE_PX as usize).filter(|_| band > 0) {
                events.push_back(CanvasEvent::Piece {
                    serial,
                    level,
                    x,
                    y: top,
                    pixels: pixels((width - x).min(TILE_PX), band, top),
                });
            }
            (width, height) = (width.div_ceil(2), height.div_ceil(2));
            (top, rows) = (top / 2, rows / 2);
        }
    }
    events.push_back(CanvasEvent::End { serial, origin });
    events
}

/// Four jobs at work: the one on the canvas sends preview after preview and result after result, row by row, all
/// send thumbnails and how much they received.
fn streaming() -> impl FnMut(&EngineSide, u64, usize) -> Vec<egui::Event> {
    let mut waiting = VecDeque::new();
    let mut pictures = 0;
    move |engine, serial, frame| {
        if waiting.is_empty() {
            let origin = match pictures % 3 {
                2 => PieceOrigin::Arriving,
                preview => PieceOrigin::Preview { preview },
            };
            waiting = picture(serial, origin);
            pictures += 1;
        }
        // 256 rows a frame: a 4K picture of 15 MB in 0.15 s, as over 1 Gbit/s.
        for event in waiting.drain(..waiting.len().min(28)) {
            engine.push(Event::Canvas(event));
        }
        for job in 0..4 {
            let received = 800_000 * frame as u64;
            engine.push(Event::JobChanged(Box::new(snapshot(job, received))));
            engine.push(job_thumbnail(job));
        }
        Vec::new()
    }
}

/// The wheel turns, from slowly to rushing through.
fn scrolling(_engine: &EngineSide, _serial: u64, frame: usize) -> Vec<egui::Event> {
    let speed = 4.0 + frame as f32 / 2.0;
    vec![
        egui::Event::PointerMoved(pos2(700.0, 500.0)),
        egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -speed),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        },
    ]
}

fn rest(_engine: &EngineSide, _serial: u64, _frame: usize) -> Vec<egui::Event> {
    Vec::new()
}

/// Strokes of a second, with eight positions a frame as a fast mouse gives them.
fn painting(_engine: &EngineSide, _serial: u64, frame: usize) -> Vec<egui::Event> {
    let at = |step: usize| {
        let t = step as f32 / 8.0;
        pos2(
            800.0 + 330.0 * (t * 0.031).sin(),
            430.0 + 180.0 * (t * 0.047).cos(),
        )
    };
    let button = |pressed| egui::Event::PointerButton {
        pos: at(frame * 8),
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let mut events = Vec::new();
    match frame % 60 {
        0 => events.push(button(false)),
        1 => {
            events.push(egui::Event::PointerMoved(at(frame * 8)));
            events.push(button(true));
        }
        _ => {}
    }
    let moves = (frame * 8..frame * 8 + 8).map(|step| egui::Event::PointerMoved(at(step)));
    events.extend(moves);
    events
}

/// How long it takes from the input of a frame until the tiles that it painted are with the painter, and in how many frames
/// of a stroke nothing was.
fn report_strokes(window: &Window) {
    let painted = window.costs.iter().enumerate().skip(WARM_UP);
    let strokes: Vec<Cost> = painted
        .filter(|(frame, _)| frame % 60 > 2)
        .map(|(_, cost)| *cost)
        .collect();
    let late = strokes.iter().filter(|cost| cost.uploads == 0).count();
    let total = |cost: &Cost| (cost.ui_us + cost.copy_us) / 1e3;
    println!(
        "A stroke, from input to uploaded tiles: {:.2} ms, 99th percentile {:.2} ms, most {:.2} ms; {late} of {} frames \
         uploaded nothing.",
        percentile(&strokes, 0.5, total),
        percentile(&strokes, 0.99, total),
        percentile(&strokes, 1.0, total),
        strokes.len(),
    );
}

fn percentile(costs: &[Cost], share: f64, value: impl Fn(&Cost) -> f64) -> f64 {
    let mut values: Vec<f64> = costs.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share) as usize]
}

fn report(window: &Window, idle: &Window) {
    let (costs, idle) = (&window.costs[WARM_UP..], &idle.costs[WARM_UP..]);
    let ui = |costs: &[Cost], share| percentile(costs, share, |cost| cost.ui_us / 1e3);
    let mib = |share| percentile(costs, share, |cost| cost.bytes as f64 / f64::from(1 << 20));
    let uploads = |share| percentile(costs, share, |cost| cost.uploads as f64);
    println!(
        "{:24} {:6.2} {:6.2} {:6.2} ms   {:5.2} {:5.2} x idle   {:4.0} {:4.0} uploads   {:5.1} {:5.1} MiB   copied in {:5.2} ms",
        window.name,
        ui(costs, 0.5),
        ui(costs, 0.99),
        ui(costs, 1.0),
        ui(costs, 0.5) / ui(idle, 0.5),
        ui(costs, 0.99) / ui(idle, 0.99),
        uploads(0.5),
        uploads(1.0),
        mib(0.5),
        mib(1.0),
        percentile(costs, 0.99, |cost| cost.copy_us / 1e3),
    );
}

/// Goes through the rows, switches some off and on, and types into one.
fn editing(_: &EngineSide, _: u64, frame: usize) -> Vec<egui::Event> {
    match frame % 24 {
        5 => vec![key(Modifiers::NONE, Key::Space)],
        10 => vec![key(Modifiers::NONE, Key::Enter)],
        11..=15 => vec![egui::Event::Text("狐".to_owned())],
        16 => vec![key(Modifiers::NONE, Key::Escape)],
        _ => vec![key(Modifiers::NONE, Key::ArrowDown)],
    }
}

/// Four of the jobs run, and change in every frame.
fn working(engine: &EngineSide, _: u64, frame: usize) -> Vec<egui::Event> {
    for job in 0..4 {
        let changed = snapshot(job, frame as u64);
        engine.push(Event::JobChanged(Box::new(changed)));
    }
    Vec::new()
}

fn main() {
    let mut windows = vec![
        Window::create("Create at rest", rest),
        Window::create("Create, four 4K jobs", streaming()),
        Window::gallery_of("Gallery of 100 000", 100_000, rest),
        Window::gallery_of("the same, scrolling", 100_000, scrolling),
        Window::gallery_of("Gallery of 100", 100, rest),
        Window::editor("Editor of a 4K mask", rest),
        Window::editor("the same, painting", painting),
        Window::batch("Batch of 500 at rest", rest),
        Window::batch("the same: walk, edit, switch", editing),
        Window::sent_batch("the same at work", working),
    ];
    let frames = std::env::args().find_map(|arg| arg.parse().ok());
    for _ in 0..frames.unwrap_or(FRAMES).max(2 * WARM_UP) {
        for window in &mut windows {
            window.turn();
        }
    }
    println!(
        "A frame on the UI thread: median, 99th percentile, most; median and 99th percentile against"
    );
    println!(
        "the screen at rest; uploads and their bytes: median, most; copying them: 99th percentile."
    );
    for (window, idle) in [
        (0, 0),
        (1, 0),
        (2, 2),
        (3, 2),
        (4, 2),
        (5, 5),
        (6, 5),
        (7, 0),
        (8, 0),
        (9, 0),
    ] {
        report(&windows[window], &windows[idle]);
    }
    report_strokes(&windows[6]);
}
