//! `filesystem:` on the file systems of this machine, and on those that it can be given.

use crate::child;
use crate::lab::available;
use skewgate::source::{Budget, Class, Named, Options, Refusal, Sample, Upstream};
use skewgate::sys::{boottime, wall_clock};
use skewgate::time::Span;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

fn ask_with(directory: &Path, options: &Options) -> Result<Sample, Refusal> {
    let address = format!("filesystem:{}", directory.display());
    let named = Named::open(&address, options).unwrap();
    named.sample(Budget::of(Span::from_secs(5)))
}

fn ask(directory: &Path) -> Result<Sample, Refusal> {
    ask_with(directory, &Options::default())
}

fn fact<'a>(sample: &'a Sample, name: &str) -> &'a str {
    let facts = &sample.evidence.facts;
    &facts.iter().find(|fact| fact.0 == name).unwrap().1
}

/// This machine stamps here, so its own clock is what has to be found.
fn is_sound(directory: &Path, granularity: Span) -> Sample {
    let mut sample = None;
    for _ in 0..20 {
        let before = wall_clock();
        let found = ask(directory).unwrap();
        let (ruler, after) = (boottime(), wall_clock());
        let time = found.at(ruler);
        assert!(time.earliest().unwrap() <= after, "{found:?} {after}");
        assert!(time.latest().unwrap() >= before, "{found:?} {before}");
        assert!(found.time.width() >= granularity, "{found:?}");
        let bound = granularity.plus(Span::from_millis(150));
        assert!(found.time.width() < bound, "{found:?}");
        sample = Some(found);
    }
    sample.unwrap()
}

#[test]
fn a_local_directory_tells_this_machines_clock_and_is_not_touched() {
    for place in [tempfile::tempdir(), tempfile::tempdir_in("/dev/shm")] {
        let place = place.unwrap();
        let before = fs::metadata(place.path()).unwrap();
        let sample = is_sound(place.path(), Span::from_nanos(1));
        assert_eq!(sample.class, Class::SelfAsserted);
        assert_eq!(sample.evidence.upstreams, [Upstream::Builder]);
        assert_eq!(fact(&sample, "stamped-by"), "this machine");
        assert!(fact(&sample, "granularity").ends_with(" ns"), "{sample:?}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        // Some file systems below a temporary folder need a name for it, tmpfs never.
        let is_untouched = fact(&sample, "probe").contains("not touched");
        assert!(is_untouched || fact(&sample, "filesystem") != "tmpfs");
        if is_untouched {
            let after = fs::metadata(place.path()).unwrap();
            assert_eq!(after.modified().unwrap(), before.modified().unwrap());
        }
    }
}

#[test]
fn a_link_to_a_directory_is_followed_for_the_user_named_it() {
    let place = tempfile::tempdir().unwrap();
    let link = place.path().join("link");
    fs::create_dir(place.path().join("there")).unwrap();
    symlink("there", &link).unwrap();
    assert!(ask(&link).is_ok());
}

#[test]
fn what_cannot_be_stamped_in_is_told() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    drop(fs::File::create(&file).unwrap());
    symlink("nowhere", place.path().join("dangling")).unwrap();
    let refusal = |path: &Path| ask(path).unwrap_err().to_string();
    for missing in ["missing", "dangling"] {
        let words = refusal(&place.path().join(missing));
        assert!(words.contains("there is no directory"), "{words}");
    }
    assert!(refusal(&file).contains("is no directory: name the one"));
    let words = refusal(Path::new("/proc"));
    assert!(words.contains("/proc"), "{words}");
    // A pipe must not be waited for.
    let pipe = place.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert!(refusal(&pipe).contains("is no directory"));
}

#[test]
fn a_directory_of_somebody_else_is_told() {
    const SELF: &str = "filesystem::a_directory_of_somebody_else_is_told";
    let Some(folder) = child::folder() else {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        return child::run(child::as_nobody(), SELF, folder.path());
    };
    let refusal = ask(&folder).unwrap_err().to_string();
    assert!(refusal.contains("may not make a file in"), "{refusal}");
}

#[test]
fn whole_seconds_are_noticed_and_sharpened_when_that_is_wished() {
    const SELF: &str = "filesystem::whole_seconds_are_noticed_and_sharpened_when_that_is_wished";
    let Some(folder) = child::folder() else {
        let Some(command) = child::with_own_mounts() else {
            println!("not tested here: only root can mount");
            return;
        };
        if !["mkfs.ext4", "mount", "unshare"].into_iter().all(available) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mounted")).unwrap();
        return child::run(command, SELF, folder.path());
    };
    // Inodes of 128 bytes have no room for more than seconds (ext4, as ext3 always).
    let mounted = folder.join("mounted");
    let script = "truncate -s 8M image && mkfs.ext4 -q -I 128 image && mount -o loop image mounted";
    let made = Command::new("sh")
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .current_dir(&folder)
        .args(["-c", script])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");

    let sample = is_sound_coarsely(&mounted, &Options::default());
    assert_eq!(fact(&sample, "granularity"), "1 s");
    let sharper = Options {
        max_uncertainty: Some(Span::from_millis(50)),
        ..Options::default()
    };
    let sample = is_sound_coarsely(&mounted, &sharper);
    assert_eq!(fact(&sample, "granularity"), "1 s");
    assert!(sample.time.width() <= Span::from_millis(100), "{sample:?}");

    let read_only = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(&mounted)
        .status();
    assert!(read_only.unwrap().success());
    let refusal = ask(&mounted).unwrap_err().to_string();
    assert!(refusal.contains("is read-only"), "{refusal}");
}

fn is_sound_coarsely(directory: &Path, options: &Options) -> Sample {
    let before = wall_clock();
    let found = ask_with(directory, options).unwrap();
    let (ruler, after) = (boottime(), wall_clock());
    let time = found.at(ruler);
    assert!(time.earliest().unwrap() <= after, "{found:?} {after}");
    assert!(time.latest().unwrap() >= before, "{found:?} {before}");
    assert!(found.time.width() < Span::from_millis(1200), "{found:?}");
    found
}
