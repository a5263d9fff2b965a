//! Each step of the swap fails once, and the run dies at each step once, in every layout: the output is whole in the end, and
//! what is of others is as it was.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use apim_migrate::emit::write::{Disk, Outcome, Policy, System, Unit, WriteError, Writer, recover_on, write_units_on};

use super::{
    CHECKLIST, CONTROL_PLANE, FORCE, Files, GATEWAY, LIST, NODE, PLAIN, RECORD, REPORT, REPORT_TEXT, all, assert_tidy,
    is_staging_name, put, unit, write,
};

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The system refuses it, once.
    Error,
    /// The process ends: nothing happens any more.
    Crash,
}

/// A system that fails at one step.
struct Faulty {
    at: usize,
    fault: Fault,
    steps: Cell<usize>,
    dead: Cell<bool>,
    /// It cannot exchange two files.
    plain: bool,
    /// These folders are mount points: nothing is moved in, out or over them.
    mounts: Vec<PathBuf>,
    /// The system does not tell of them.
    hidden: bool,
}

impl Faulty {
    fn step(&self) -> io::Result<()> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() == self.at {
            self.dead.set(self.fault == Fault::Crash);
            return Err(io::ErrorKind::StorageFull.into());
        }
        if self.dead.get() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn moved(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        let holds_mount = |path: &Path| self.mounts.iter().any(|mount| mount.starts_with(path));
        if holds_mount(from) || holds_mount(to) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        if self.mount_of(from) == self.mount_of(to) { Ok(()) } else { Err(io::ErrorKind::CrossesDevices.into()) }
    }

    /// The mount in which a file or folder lies.
    fn mount_of(&self, path: &Path) -> Option<&PathBuf> {
        let holding = self.mounts.iter().filter(|mount| path.starts_with(mount) && path != **mount);
        holding.max_by_key(|mount| mount.as_os_str().len())
    }
}

impl Disk for Faulty {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        System.make_folder(path)
    }

    fn write(&self, path: &Path, secret: bool, content: &Writer<'_>) -> io::Result<()> {
        if let Err(error) = self.step() {
            // Half of it is there.
            if self.steps.get() == self.at {
                System.write(path, secret, &|out| out.write_all(b"sesa"))?;
            }
            return Err(error);
        }
        System.write(path, secret, content)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.moved(from, to)?;
        System.link(from, to)
    }

    fn set_like(&self, path: &Path, like: &fs::Metadata, secret: bool) -> io::Result<()> {
        self.step()?;
        System.set_like(path, like, secret)
    }

    fn close(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        System.close(path)
    }

    fn sync(&self, _folder: &Path) -> io::Result<()> {
        self.step()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.moved(from, to)?;
        System.rename(from, to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        if self.plain {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.moved(one, other)?;
        System.exchange(one, other)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        System.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        if self.mounts.iter().any(|mount| mount == path) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        System.remove_folder(path)
    }

    fn is_mount(&self, path: &Path) -> bool {
        !self.hidden && self.mounts.iter().any(|mount| mount == path)
    }
}

/// The system itself, but that nothing waits for the disk.
fn quick() -> Faulty {
    let (steps, dead) = (Cell::new(0), Cell::new(false));
    Faulty { at: usize::MAX, fault: Fault::Error, steps, dead, plain: false, mounts: Vec::new(), hidden: false }
}

/// What the system can do at the output folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// All.
    Plain,
    /// It cannot exchange two files.
    NoExchange,
    /// The folder is a mount point.
    Mounted,
    /// It is one, and the system does not tell.
    Hidden,
    /// Folders below it are mount points, some in others.
    Inner,
}

/// What is there before, what is to be there, and what the system can do.
struct Layout {
    name: &'static str,
    old: &'static [(&'static str, Files<'static>)],
    new: &'static [(&'static str, Files<'static>)],
    foreign: bool,
    place: Place,
    /// At each moment each unit is whole, not only once the next run put it right.
    always_whole: bool,
}

const OTHER: &str = "[server]\nhostname = \"other.example.com\"\n";
const TRAFFIC: &str = "traffic-manager/repository/conf/deployment.toml";
const OLD: &[(&str, Files<'static>)] =
    &[("", &[(CONTROL_PLANE, NODE), (GATEWAY, NODE), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)])];
const NEW: &[(&str, Files<'static>)] =
    &[("", &[(CONTROL_PLANE, OTHER), (TRAFFIC, OTHER), (CHECKLIST, LIST), (REPORT, "{}\n")])];
const OLD_UNITS: &[(&str, Files<'static>)] = &[
    ("gone", &[(CONTROL_PLANE, NODE)]),
    ("prod/eu", &[(CONTROL_PLANE, NODE), (GATEWAY, NODE)]),
    ("same", &[(CONTROL_PLANE, NODE)]),
    ("", &[(CHECKLIST, LIST), (REPORT, REPORT_TEXT)]),
];
const NEW_UNITS: &[(&str, Files<'static>)] = &[
    ("prod/eu", &[(CONTROL_PLANE, OTHER), (GATEWAY, OTHER)]),
    ("prod/us", &[(CONTROL_PLANE, OTHER), (GATEWAY, OTHER)]),
    ("same", &[(CONTROL_PLANE, NODE)]),
    ("", &[(CHECKLIST, LIST), (REPORT, "{}\n")]),
];
const BASE: Layout = Layout { name: "", old: OLD, new: NEW, foreign: false, place: Place::Plain, always_whole: false };
const LAYOUTS: [Layout; 13] = [
    Layout { name: "new", old: &[], always_whole: true, ..BASE },
    Layout { name: "earlier", always_whole: true, ..BASE },
    Layout { name: "foreign", foreign: true, ..BASE },
    Layout { name: "new, foreign", old: &[], foreign: true, ..BASE },
    Layout { name: "mount point", place: Place::Mounted, ..BASE },
    Layout { name: "mount point, not told of", place: Place::Hidden, ..BASE },
    Layout { name: "mounts below", place: Place::Inner, ..BASE },
    Layout { name: "mounts below, new, foreign", old: &[], foreign: true, place: Place::Inner, ..BASE },
    Layout { name: "several, mounts below", old: OLD_UNITS, new: NEW_UNITS, place: Place::Inner, ..BASE },
    Layout { name: "without exchange", place: Place::NoExchange, ..BASE },
    Layout { name: "several", old: OLD_UNITS, new: NEW_UNITS, ..BASE },
    Layout { name: "several new", old: &[], new: NEW_UNITS, always_whole: true, ..BASE },
    Layout {
        name: "several, foreign, without exchange",
        old: OLD_UNITS,
        new: NEW_UNITS,
        foreign: true,
        place: Place::NoExchange,
        ..BASE
    },
];

impl Layout {
    fn policy(&self) -> Policy<'static> {
        if self.foreign && self.old.is_empty() { FORCE } else { PLAIN }
    }
}

type State = BTreeMap<String, Option<String>>;

fn run(
    disk: &dyn Disk,
    out: &Path,
    units: &[(&'static str, Files<'static>)],
    policy: Policy<'_>,
) -> Result<Outcome, WriteError> {
    let boxes = super::boxes();
    let units: Vec<Unit<'_>> = units.iter().map(|(folder, files)| unit(folder, files, &boxes)).collect();
    write_units_on(disk, out, &units, policy)
}

/// What is of others: with its number, mode, owner and time.
fn foreign(out: &Path) -> Vec<(u64, u32, u32, i64, i64)> {
    let look = |path: &str| {
        let about = fs::symlink_metadata(out.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        (about.ino(), about.mode(), about.uid(), about.mtime(), about.mtime_nsec())
    };
    ["mine", "mine/empty", "mine/link", "notes.txt"].iter().map(|path| look(path)).collect()
}

fn prepare(layout: &Layout, out: &Path) {
    if [Place::Mounted, Place::Hidden, Place::Inner].contains(&layout.place) {
        fs::create_dir_all(out).unwrap();
        for mount in mounts(layout, out) {
            fs::create_dir_all(mount).unwrap();
        }
    }
    if layout.foreign {
        put(&out.join("notes.txt"), "mine");
        fs::create_dir_all(out.join("mine/empty")).unwrap();
        std::os::unix::fs::symlink("nowhere", out.join("mine/link")).unwrap();
        put(&out.join("control-plane/repository/conf/mine.xml"), "mine");
    }
    if !layout.old.is_empty() {
        run(&calm(layout, out), out, layout.old, FORCE).unwrap();
    }
}

/// The files of the output, without those of others.
fn state(out: &Path) -> State {
    let mut all = all(out);
    all.retain(|path, text| {
        let staged = path.split('/').any(is_staging_name) && !path.ends_with(RECORD);
        text.is_some() && !path.contains("mine") && path != "notes.txt" && !staged
    });
    all
}

/// The part of a state that is of one unit.
fn of_unit(state: &State, folder: &str, folders: &[&str]) -> State {
    let is_of = |path: &str, folder: &str| !folder.is_empty() && path.starts_with(&format!("{folder}/"));
    let mut part = state.clone();
    part.retain(|path, _| match folder {
        "" => !folders.iter().any(|other| is_of(path, other)),
        _ => is_of(path, folder),
    });
    part
}

const FOLDERS: [&str; 5] = ["gone", "prod/eu", "prod/us", "same", ""];

/// Each unit is as it was or as it is to be.
#[track_caller]
fn assert_whole(found: &State, old: &State, new: &State, what: &str, folders: &[&str]) {
    for folder in folders {
        let part = |state: &State| of_unit(state, folder, &FOLDERS);
        assert!(
            [part(old), part(new)].contains(&part(found)),
            "{what}: `{folder}` is half: {:?}",
            part(found).keys().collect::<Vec<_>>()
        );
    }
}

struct Case {
    _temp: tempfile::TempDir,
    out: PathBuf,
}

fn case(layout: &Layout) -> Case {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    prepare(layout, &out);
    Case { _temp: temp, out }
}

fn disk(layout: &Layout, out: &Path, at: usize, fault: Fault) -> Faulty {
    let mounts = mounts(layout, out);
    let hidden = layout.place == Place::Hidden;
    Faulty { at, fault, plain: layout.place == Place::NoExchange, mounts, hidden, ..quick() }
}

/// The mount points, which are there before anything is written.
fn mounts(layout: &Layout, out: &Path) -> Vec<PathBuf> {
    let below: &[&str] = match layout.place {
        Place::Plain | Place::NoExchange => return Vec::new(),
        Place::Mounted | Place::Hidden => &[""],
        Place::Inner => &[
            "control-plane",
            "control-plane/repository/conf",
            "gateway-worker",
            "gone",
            "prod/eu/gateway-worker",
            "prod/us",
            "same",
        ],
    };
    let out = fs::canonicalize(out).unwrap();
    below.iter().map(|folder| if folder.is_empty() { out.clone() } else { out.join(folder) }).collect()
}

/// The system as the layout has it, and nothing fails.
fn calm(layout: &Layout, out: &Path) -> Faulty {
    disk(layout, out, usize::MAX, Fault::Error)
}

/// The states before and after, and the steps in between.
fn undisturbed(layout: &Layout) -> (State, State, usize) {
    let case = case(layout);
    let old = state(&case.out);
    let calm = calm(layout, &case.out);
    run(&calm, &case.out, layout.new, layout.policy()).unwrap();
    assert_tidy(&case.out, layout.name);
    (old, state(&case.out), calm.steps.get())
}

#[test]
fn an_error_at_any_step_leaves_the_old_or_the_new_output() {
    for layout in &LAYOUTS {
        let (old, new, steps) = undisturbed(layout);
        assert!(steps > 8, "{}: {steps}", layout.name);
        for at in 1..=steps {
            let what = format!("{}, an error at step {at} of {steps}", layout.name);
            let case = case(layout);
            let before = layout.foreign.then(|| foreign(&case.out));
            let faulty = disk(layout, &case.out, at, Fault::Error);
            let result = run(&faulty, &case.out, layout.new, layout.policy());
            let found = state(&case.out);
            match &result {
                Ok(_) => assert!(found == new, "{what}: it said that it wrote"),
                Err(error) => {
                    assert!(found == old, "{what}: {error}: but something changed");
                    assert!(error.to_string().contains("nothing was written"), "{what}: {error}");
                    assert_tidy(&case.out, &what);
                }
            }
            // Of cleaning up, the next run does what is left.
            recover_on(&calm(layout, &case.out), &case.out).unwrap();
            assert!(state(&case.out) == found, "{what}: cleaning up changed something");
            assert_tidy(&case.out, &what);
            assert_eq!(before, layout.foreign.then(|| foreign(&case.out)), "{what}");
            run(&calm(layout, &case.out), &case.out, layout.new, layout.policy()).unwrap();
            assert!(state(&case.out) == new, "{what}: the next run");
        }
    }
}

#[test]
fn a_crash_at_any_step_is_put_right_by_the_next_run() {
    for layout in &LAYOUTS {
        let (old, new, steps) = undisturbed(layout);
        for at in 1..=steps {
            let what = format!("{}, a crash at step {at} of {steps}", layout.name);
            let case = case(layout);
            let before = layout.foreign.then(|| foreign(&case.out));
            let faulty = disk(layout, &case.out, at, Fault::Crash);
            let _ = run(&faulty, &case.out, layout.new, layout.policy());
            if layout.always_whole {
                assert_whole(&state(&case.out), &old, &new, &what, &FOLDERS);
            }
            if layout.name == "several" {
                // Each deployment is whole at every moment.
                assert_whole(&state(&case.out), &old, &new, &what, &FOLDERS[..4]);
            }
            assert_eq!(before, layout.foreign.then(|| foreign(&case.out)), "{what}");
            let recovered = recover_on(&calm(layout, &case.out), &case.out).unwrap();
            let found = state(&case.out);
            assert!(found == old || found == new, "{what}: {recovered:?} left a half");
            assert_tidy(&case.out, &what);
            assert_eq!(before, layout.foreign.then(|| foreign(&case.out)), "{what}: {recovered:?}");
            assert!(recover_on(&calm(layout, &case.out), &case.out).unwrap().is_none(), "{what}");
            run(&calm(layout, &case.out), &case.out, layout.new, layout.policy()).unwrap();
            assert!(state(&case.out) == new, "{what}: the next run");
        }
    }
}

#[test]
fn a_crash_of_the_run_that_puts_right_is_put_right_too() {
    for layout in LAYOUTS
        .iter()
        .filter(|layout| ["foreign", "without exchange", "several", "mounts below"].contains(&layout.name))
    {
        let (old, new, steps) = undisturbed(layout);
        for at in (1..=steps).step_by(5) {
            for then in (1..).step_by(3) {
                let what = format!("{}, crashes at {at} and {then}", layout.name);
                let case = case(layout);
                let _ = run(&disk(layout, &case.out, at, Fault::Crash), &case.out, layout.new, PLAIN);
                let again = disk(layout, &case.out, then, Fault::Crash);
                let _ = recover_on(&again, &case.out);
                recover_on(&calm(layout, &case.out), &case.out).unwrap();
                let found = state(&case.out);
                assert!(found == old || found == new, "{what}: a half is left");
                assert_tidy(&case.out, &what);
                if again.steps.get() < then {
                    break;
                }
            }
        }
    }
}

/// What someone did between a crash and the next run is not lost.
#[test]
fn work_between_a_crash_and_the_next_run_is_kept() {
    for layout in LAYOUTS.iter().filter(|layout| !layout.old.is_empty()) {
        let (_, _, steps) = undisturbed(layout);
        for at in 1..=steps {
            let case = case(layout);
            let _ = run(&disk(layout, &case.out, at, Fault::Crash), &case.out, layout.new, PLAIN);
            let mine = state(&case.out).into_keys().find(|path| path.ends_with("deployment.toml"));
            let Some(mine) = mine else { continue };
            put(&case.out.join(&mine), "mine");
            put(&case.out.join("prod/notes"), "mine");
            let _ = recover_on(&calm(layout, &case.out), &case.out);
            let what = format!("{}, a crash at {at} of {steps}: {mine}", layout.name);
            let kept = all(&case.out).into_values().filter(|text| text.as_deref() == Some("mine")).count();
            let foreign = if layout.foreign { 2 } else { 0 };
            assert!(kept >= 2 + foreign, "{what}: {:?}", all(&case.out));
        }
    }
}

#[test]
fn nothing_that_was_staged_may_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, OLD[0].1, PLAIN).unwrap();
    let crashed = Faulty { at: 14, fault: Fault::Crash, ..quick() };
    let _ = run(&crashed, &out, NEW, PLAIN);
    let staging = fs::read_dir(temp.path()).unwrap().map(|entry| entry.unwrap().path()).find(|path| *path != out);
    let staging = staging.expect("it crashed while it staged");
    assert_eq!(fs::metadata(staging).unwrap().permissions().mode() & 0o777, 0o700);
}
