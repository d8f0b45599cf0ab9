//! The library through its public face: big, shared, damaged, killed.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use atelier::library::{
    AttemptOutcome, AttemptRow, Filed, JobRow, Library, LibraryError, LibraryPaths, Opened,
    PageKey, PreviewRow, Problem, RecipePlace,
};
use atelier::model::{
    ApiKind, Charge, Failure, FailureKind, GatewayId, GenerationRequest, ImageFormat, ImageId,
    JobId, JobNote, JobState, Mismatch, Parameters, PixelSize, Preset, Prompt, RECIPE_VERSION,
    Recipe, Usage,
};
use jiff::tz::TimeZone;
use tempfile::TempDir;

/// 2026-11-20 15:30:12.345 UTC.
const CREATED_MS: i64 = 1_795_188_612_345;

fn job_id(number: u32) -> JobId {
    JobId::from_parts(CREATED_MS.unsigned_abs(), number)
}

fn image_id(number: u32) -> ImageId {
    ImageId::from_parts(CREATED_MS.unsigned_abs(), number)
}

fn recipe(number: u32, prompt: &str) -> Recipe {
    Recipe {
        version: RECIPE_VERSION,
        image: image_id(number),
        job: job_id(number),
        index: 0,
        created_ms: CREATED_MS + i64::from(number),
        prompt: prompt.to_owned(),
        revised_prompt: Some("A red fox, 水墨".to_owned()),
        parameters: Parameters::default(),
        gateway: "Demo".to_owned(),
        gateway_id: Some(GatewayId("demo".to_owned())),
        api: ApiKind::Images,
        model: None,
        image_model: "gpt-image-2".to_owned(),
        references: Vec::new(),
        mask: None,
        group: None,
        claimed_size: Some("1024x1024".to_owned()),
        claimed_format: None,
        claimed_quality: None,
        claimed_background: None,
        got_size: PixelSize::new(640, 480).unwrap(),
        got_format: ImageFormat::Png,
        got_alpha: None,
        mismatch: vec![Mismatch::Size, Mismatch::Format],
        protected: None,
        delivered_hash: blake3::hash(&number.to_le_bytes()).to_hex().to_string(),
        request_id: Some("req_1".to_owned()),
        elapsed_ms: Some(4321),
        usage: None,
        cost: None,
    }
}

fn paths(folder: &TempDir) -> LibraryPaths {
    paths_in(folder.path())
}

fn paths_in(folder: &Path) -> LibraryPaths {
    LibraryPaths {
        root: folder.join("library"),
        index: folder.join("library.sqlite"),
        previews: folder.join("previews"),
        made: folder.join("made"),
        cache: folder.join("cache"),
        trash: folder.join("trash"),
    }
}

fn open(paths: &LibraryPaths) -> Library {
    let opened = Library::open(paths.clone()).unwrap();
    assert!(opened.problems.is_empty(), "{:?}", opened.problems);
    opened.library
}

/// Files a «picture» that is its recipe; that is enough for a layer that decodes nothing.
fn file(library: &mut Library, recipe: &Recipe) -> Result<Filed, LibraryError> {
    library.file_result(recipe, &TimeZone::UTC, |writer, json| {
        writer
            .write_all(json.as_bytes())
            .map(|()| RecipePlace::InFile)
    })
}

fn read_recipe(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Every file below `folder`.
fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    found
}

#[test]
fn fifty_thousand_results_are_rebuilt_listed_and_paged() {
    const COUNT: u32 = 50_000;
    const PAGE: u32 = 997;
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    let mut expected = Vec::new();
    for number in 0..COUNT {
        let mut recipe = recipe(number, "红色的狐狸");
        // Groups of the same millisecond, out of order: the id decides among them.
        recipe.created_ms = CREATED_MS + i64::from(number.wrapping_mul(7919) % (COUNT / 4));
        expected.push((recipe.created_ms, recipe.image));
        let month = paths.root.join(format!("2026/{:02}", number % 12 + 1));
        if number < 12 {
            fs::create_dir_all(&month).unwrap();
        }
        let json = serde_json::to_string(&recipe).unwrap();
        fs::write(month.join(format!("{number}.png")), json).unwrap();
    }
    expected.sort_by(|a, b| b.cmp(a));

    let mut library = open(&paths);
    let rebuilt = library.rebuild(CREATED_MS, &mut read_recipe).unwrap();
    assert_eq!(rebuilt.added, COUNT as usize);
    assert!(rebuilt.problems.is_empty());
    let ids = library.all_ids().unwrap();
    assert!(ids.iter().eq(expected.iter().map(|(_, id)| id)));

    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = library.page(after, PAGE).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(PageKey::from(last));
        paged.extend(page.iter().map(|record| record.id));
    }
    assert_eq!(paged, ids);

    let again = library
        .rebuild(CREATED_MS, &mut |path| {
            panic!("{} is known", path.display())
        })
        .unwrap();
    assert_eq!((again.known, again.added), (COUNT as usize, 0));
}

#[test]
fn a_page_goes_on_where_it_was_although_the_list_changes() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = open(&paths(&folder));
    for number in 0..6 {
        file(&mut library, &recipe(number, "x")).unwrap();
    }
    let first = library.page(None, 3).unwrap();
    let after = PageKey::from(&first[2]);
    file(&mut library, &recipe(9, "newer")).unwrap();
    library.delete(&[image_id(3), image_id(1)], CREATED_MS);
    let second = library.page(Some(after), 3).unwrap();
    let ids: Vec<ImageId> = second.iter().map(|record| record.id).collect();
    assert_eq!(ids, [image_id(2), image_id(0)]);
}

#[test]
fn a_record_comes_back_as_it_was_filed() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = open(&paths(&folder));
    let prompts = [
        ("雪地里的红狐狸，水墨画 🦊", "雪地里的红狐狸-水墨画"),
        ("🦊🦊", "picture"),
        ("a/../b: \"c\" <d>", "a-b-c-d"),
    ];
    for (number, (prompt, slug)) in (0..).zip(prompts) {
        let recipe = recipe(number, prompt);
        let filed = file(&mut library, &recipe).unwrap();
        let record = filed.record;
        let name = format!("20261120-153012_{slug}_{number:04x}.png");
        assert_eq!(
            record.path,
            folder.path().join("library/2026/11").join(name)
        );
        assert_eq!(record.recipe, recipe);
        assert_eq!(record.bytes, fs::metadata(&record.path).unwrap().len());
        assert_eq!(library.image(record.id).unwrap().unwrap(), record);
        assert_eq!(library.images_of(recipe.job).unwrap(), [record.id]);
    }
    let wanted = [image_id(2), image_id(77), image_id(0)];
    let found = library.images(&wanted).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].id, image_id(2));
}

#[test]
fn two_programs_write_at_once() {
    const EACH: u32 = 20;
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let paths = &paths;
            scope.spawn(move || {
                let mut library = open(paths);
                for number in 0..EACH {
                    let filed = file(&mut library, &recipe(writer * EACH + number, "both"));
                    assert!(filed.unwrap().is_new);
                }
            });
        }
    });
    let library = open(&paths);
    assert_eq!(library.all_ids().unwrap().len(), 3 * EACH as usize);
    assert_eq!(files_below(&paths.root).len(), 3 * EACH as usize);
}

#[test]
fn the_second_program_leaves_the_work_of_the_first_alone() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    let mut first = open(&paths);
    let filed = first
        .file_result(&recipe(1, "x"), &TimeZone::UTC, |writer, json| {
            // The first is in the middle of filing while the second opens, sees nothing and sweeps nothing.
            let mut second = open(&paths);
            assert!(second.all_ids().unwrap().is_empty());
            second.rebuild(CREATED_MS, &mut read_recipe).unwrap();
            writer
                .write_all(json.as_bytes())
                .map(|()| RecipePlace::InFile)
        })
        .unwrap();
    assert!(filed.is_new && filed.record.path.exists());
    assert_eq!(open(&paths).all_ids().unwrap(), [image_id(1)]);
}

#[test]
fn a_deleted_index_is_rebuilt_with_nothing_lost() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    let mut library = open(&paths);
    for number in 0..20 {
        file(&mut library, &recipe(number, "狐狸")).unwrap();
    }
    library.delete(&[image_id(3), image_id(4)], CREATED_MS);
    let ids = library.all_ids().unwrap();
    let before = library.images(&ids).unwrap();
    drop(library);
    fs::remove_file(&paths.index).unwrap();
    fs::write(paths.root.join("holiday.JPG"), "a picture of the user's").unwrap();
    fs::write(paths.root.join("notes.txt"), "no picture").unwrap();
    fs::write(paths.root.join(".atelier-left.part"), "of a crash").unwrap();

    let opened = Library::open(paths.clone()).unwrap();
    assert!(opened.is_empty_index);
    let mut library = opened.library;
    let rebuilt = library.rebuild(CREATED_MS, &mut read_recipe).unwrap();
    assert_eq!((rebuilt.added, rebuilt.without_recipe), (20, 1));
    assert_eq!(library.all_ids().unwrap(), ids);
    assert_eq!(library.images(&ids).unwrap(), before);
    assert!(paths.root.join("holiday.JPG").exists());
    assert!(!paths.root.join(".atelier-left.part").exists());
    assert_eq!(library.trashed().unwrap().len(), 2);
    assert_eq!(library.restore(&[image_id(3)]).0, [image_id(3)]);
    drop(library);
    assert!(!Library::open(paths).unwrap().is_empty_index);
}

#[test]
fn a_rebuild_follows_files_that_were_moved_copied_or_edited() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    let mut library = open(&paths);
    for number in 0..3 {
        file(&mut library, &recipe(number, "x")).unwrap();
    }
    let path = |number| library.image(image_id(number)).unwrap().unwrap().path;
    let (moved, copied, edited) = (path(0), path(1), path(2));
    fs::create_dir(paths.root.join("best")).unwrap();
    fs::rename(moved, paths.root.join("best/fox.png")).unwrap();
    fs::copy(&copied, paths.root.join("best/copy.png")).unwrap();
    let text = fs::read_to_string(&edited).unwrap();
    fs::write(&edited, format!("{text}\n")).unwrap();

    let rebuilt = library.rebuild(CREATED_MS, &mut read_recipe).unwrap();
    assert_eq!((rebuilt.added, rebuilt.moved, rebuilt.known), (0, 2, 1));
    assert!(matches!(
        rebuilt.problems.as_slice(),
        [Problem::Duplicate { path, .. }] if path.ends_with("best/copy.png")
    ));
    let records = library
        .images(&[image_id(0), image_id(1), image_id(2)])
        .unwrap();
    assert!(records[0].path.ends_with("best/fox.png"));
    assert_eq!(records[1].path, copied);
    assert_eq!(records[2].bytes, text.len() as u64 + 1);
}

#[test]
fn a_damaged_index_is_moved_aside_and_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    file(&mut open(&paths), &recipe(1, "x")).unwrap();

    for round in 1..=2 {
        fs::write(&paths.index, "this is no database, whatever its name says").unwrap();
        let Opened {
            mut library,
            is_empty_index,
            problems,
            ..
        } = Library::open(paths.clone()).unwrap();
        assert!(is_empty_index);
        let [Problem::IndexReplaced { kept_as }] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert!(kept_as.ends_with(format!("library.damaged-{round}.sqlite")));
        assert!(kept_as.exists());
        let rebuilt = library.rebuild(CREATED_MS, &mut read_recipe).unwrap();
        assert_eq!(rebuilt.added, 1);
        assert_eq!(library.all_ids().unwrap(), [image_id(1)]);
    }
}

#[test]
fn damage_within_is_found_after_an_unclean_end() {
    let folder = tempfile::tempdir().unwrap();
    let killed = paths(&folder);
    let mut library = open(&killed);
    for number in 0..200 {
        file(&mut library, &recipe(number, "x")).unwrap();
    }
    drop(library);
    let mut library = open(&killed);
    file(&mut library, &recipe(200, "x")).unwrap();

    // What a kill leaves is what is on disk while the library is open.
    let copy = tempfile::tempdir().unwrap();
    let paths = paths_in(copy.path());
    for suffix in ["", "-wal"] {
        let name = format!("library.sqlite{suffix}");
        fs::copy(folder.path().join(&name), copy.path().join(&name)).unwrap();
    }
    let sound = Library::open(paths.clone()).unwrap();
    assert!(sound.problems.is_empty());
    assert_eq!(sound.library.all_ids().unwrap().len(), 201);
    drop(sound);

    fs::copy(
        folder.path().join("library.sqlite-wal"),
        copy.path().join("library.sqlite-wal"),
    )
    .unwrap();
    let mut bytes = fs::read(&paths.index).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    fs::write(&paths.index, bytes).unwrap();
    let opened = Library::open(paths).unwrap();
    assert!(matches!(
        opened.problems.as_slice(),
        [Problem::IndexReplaced { .. }]
    ));
}

#[test]
#[expect(clippy::too_many_lines, reason = "every column, once")]
fn jobs_previews_and_ledger_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    let mut library = open(&paths);
    let mut jobs: Vec<JobRow> = (0..4)
        .map(|number| JobRow {
            id: job_id(number),
            state: JobState::Queued,
            created_ms: CREATED_MS + i64::from(number),
            started_ms: None,
            ended_ms: None,
            request: GenerationRequest {
                prompt: Prompt::new("红狐狸").unwrap(),
                parameters: Parameters::default(),
                references: Vec::new(),
                mask: None,
                group: None,
                gateway: Preset::Junfeiai.profile(),
            },
            failure: None,
            usage: None,
            request_ids: Vec::new(),
            bytes_received: 0,
            notes: Vec::new(),
        })
        .collect();
    for job in &jobs {
        library.save_job(job).unwrap();
    }
    let failed = &mut jobs[1];
    failed.state = JobState::Failed;
    failed.started_ms = Some(CREATED_MS + 10);
    failed.ended_ms = Some(CREATED_MS + 20);
    failed.failure = Some(Failure::new(FailureKind::Quota, "余额不足"));
    failed.usage = Some(Usage {
        total_tokens: Some(10),
        ..Usage::default()
    });
    failed.request_ids = vec!["req_1".to_owned()];
    failed.bytes_received = 1 << 40;
    let name = "moderation".to_owned();
    failed.notes = vec![JobNote::ParameterDropped { name }];
    library.save_job(&jobs[1]).unwrap();
    jobs[2].state = JobState::Running;
    library.save_job(&jobs[2]).unwrap();
    library.dismiss_job(jobs[3].id).unwrap();

    assert_eq!(library.job(jobs[1].id).unwrap().as_ref(), Some(&jobs[1]));
    assert_eq!(library.job(job_id(99)).unwrap(), None);
    let latest = library.latest_jobs(2).unwrap();
    assert_eq!(latest, [jobs[2].clone(), jobs[1].clone()]);
    let unfinished = library.unfinished_jobs().unwrap();
    assert_eq!(unfinished, [0, 2, 3].map(|number| jobs[number].clone()));

    let preview = |index, preview| PreviewRow {
        job: jobs[1].id,
        index,
        preview,
        path: paths.preview(jobs[1].id, index, preview, ImageFormat::Png),
        size: PixelSize::new(512, 512).unwrap(),
        format: ImageFormat::Png,
    };
    for row in [preview(1, 0), preview(0, 1), preview(0, 0), preview(0, 1)] {
        library.save_preview(&row).unwrap();
    }
    assert_eq!(
        library.previews_of(jobs[1].id).unwrap(),
        [preview(0, 0), preview(0, 1), preview(1, 0)]
    );
    let mut misplaced = preview(0, 0);
    misplaced.path = "/elsewhere/0-0.png".into();
    assert!(matches!(
        library.save_preview(&misplaced),
        Err(LibraryError::Misplaced { .. })
    ));

    let mut attempt = AttemptRow {
        job: jobs[1].id,
        ordinal: 1,
        started_ms: CREATED_MS,
        ended_ms: None,
        gateway: "JunFeiAI".to_owned(),
        gateway_id: Some(GatewayId("junfeiai".to_owned())),
        api: ApiKind::Responses,
        model: "gpt-image-2".to_owned(),
        parameters: Parameters::default(),
        host: "junfeiai.com".to_owned(),
        outcome: None,
        status: None,
        request_id: None,
        usage: None,
        charged: Charge::Unknown,
    };
    library.record_attempt(&attempt).unwrap();
    assert_eq!(library.attempts_of(jobs[1].id).unwrap(), [attempt.clone()]);
    attempt.ended_ms = Some(CREATED_MS + 5);
    attempt.outcome = Some(AttemptOutcome::Failed(FailureKind::RateLimit));
    attempt.status = Some(429);
    attempt.charged = Charge::No;
    library.record_attempt(&attempt).unwrap();
    let mut second = attempt.clone();
    second.ordinal = 2;
    second.outcome = Some(AttemptOutcome::Ok);
    library.record_attempt(&second).unwrap();
    assert_eq!(library.attempts_of(jobs[1].id).unwrap(), [attempt, second]);
}

/// Names the folder in which a child of the next test works, and its round.
const CHILD_FOLDER: &str = "ATELIER_TEST_KILLED_CHILD";
const CHILD_ROUND: &str = "ATELIER_TEST_KILLED_ROUND";
const RESULTS_A_ROUND: u32 = 1000;

/// Not a test by itself: files results, and says so, until its parent kills it.
#[test]
fn killed_child() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let round: u32 = std::env::var(CHILD_ROUND).unwrap().parse().unwrap();
    let mut library = open(&paths_in(Path::new(&folder)));
    for number in (round * RESULTS_A_ROUND)..((round + 1) * RESULTS_A_ROUND) {
        let recipe = recipe(number, "killed");
        println!("\nbegun {number}");
        let filed = library.file_result(&recipe, &TimeZone::UTC, |writer, json| {
            println!("\nopen {number}");
            writer.write_all(json.as_bytes())?;
            Ok::<_, std::io::Error>(if number % 2 == 0 {
                RecipePlace::InFile
            } else {
                RecipePlace::Sidecar(json.to_owned())
            })
        });
        println!("\nfiled {number} {}", filed.unwrap().is_new);
    }
}

#[test]
fn killed_at_any_moment_every_result_is_there_once() {
    const ROUNDS: u32 = 40;
    // How many lines the child has told by then.
    const BEGUN_SECOND: u32 = 4;
    const FILED_SECOND: u32 = 6;
    const BEGUN_THIRD: u32 = 7;
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    let mut filed = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed_child", "--nocapture", "--test-threads=1"])
            .env(CHILD_FOLDER, folder.path())
            .env(CHILD_ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut begun = None;
        let mut note = |line: &str, filed: &mut BTreeSet<ImageId>| {
            let mut words = line.split(' ');
            let (word, number) = (words.next(), words.next().and_then(|n| n.parse().ok()));
            match (word, number) {
                (Some("begun"), Some(number)) => begun = Some(number),
                (Some("open"), Some(_)) => {}
                (Some("filed"), Some(number)) => {
                    filed.insert(image_id(number));
                }
                _ => return false,
            }
            true
        };
        let mut told = 0;
        let mut begun_at = Instant::now();
        let mut duration = Duration::ZERO;
        for line in lines {
            told += u32::from(note(&line.unwrap(), &mut filed));
            match told {
                BEGUN_SECOND => begun_at = Instant::now(),
                FILED_SECOND => duration = begun_at.elapsed(),
                // Not to wait for anything: the rounds are spread over the steps of filing the third result, which
                // takes about as long as the second.
                BEGUN_THIRD => {
                    std::thread::sleep(duration * round / ROUNDS);
                    child.kill().unwrap();
                }
                _ => {}
            }
        }
        child.wait().unwrap();

        let mut library = open(&paths);
        let last = begun.unwrap();
        // What the engine does at the next start with the bytes in its spool.
        let again = file(&mut library, &recipe(last, "killed")).unwrap();
        filed.insert(again.record.id);
        let ids: BTreeSet<ImageId> = library.all_ids().unwrap().into_iter().collect();
        assert_eq!(ids, filed, "round {round}");
    }
    let library = open(&paths);
    let ids = library.all_ids().unwrap();
    let records = library.images(&ids).unwrap();
    let pictures: BTreeSet<PathBuf> = records.iter().map(|record| record.path.clone()).collect();
    assert_eq!(pictures.len(), ids.len());
    for record in &records {
        let hash = blake3::hash(&fs::read(&record.path).unwrap());
        assert_eq!(record.file_hash, hash.to_hex().as_str());
    }
    for file in files_below(&paths.root) {
        let is_sidecar = file.extension().is_some_and(|extension| extension == "xmp");
        let picture = if is_sidecar {
            file.with_extension("png")
        } else {
            file
        };
        assert!(pictures.contains(&picture), "{}", picture.display());
    }
}

#[test]
fn the_writer_needs_no_error_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = open(&paths(&folder));
    let filed = library.file_result(&recipe(1, "x"), &TimeZone::UTC, |_, _| {
        Ok::<_, Infallible>(RecipePlace::InFile)
    });
    assert_eq!(filed.unwrap().record.bytes, 0);
}
