use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

fn take(folder: &StateFolder) -> io::Result<Turn> {
    folder.change(|turns, now| turns.take(7, now))
}

fn shared(path: &Path) -> StateFolder {
    StateFolder::new(Some(path))
}

fn in_temporary(path: &Path) -> StateFolder {
    StateFolder {
        path: path.to_owned(),
        given: false,
    }
}

#[test]
fn processes_that_share_a_folder_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    for _ in 0..2 {
        assert_eq!(take(&shared(&path)).unwrap(), Turn::Now { crowded: false });
    }
    let third = take(&in_temporary(&path)).unwrap();
    assert!(matches!(third, Turn::In(14_000..=16_000)), "{third:?}");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let kept = std::fs::read_to_string(path.join(CONNECTS)).unwrap();
    assert_eq!(kept.lines().count(), 2, "{kept}");
}

#[test]
fn nobody_waits_for_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let file = shared(folder.path()).open(CONNECTS).unwrap();
    file.lock().unwrap();
    let error = take(&shared(folder.path())).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn a_link_or_a_folder_that_others_may_read_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    std::fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    for path in [&link, &real] {
        let error = take(&in_temporary(path)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{path:?}");
    }
    let elsewhere = folder.path().join("elsewhere");
    symlink(&elsewhere, real.join(CONNECTS)).unwrap();
    assert!(take(&shared(&real)).is_err());
    assert!(!elsewhere.exists());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_as_good_as_none() {
    for path in ["/dev/null/state", "/proc/irclog", ""] {
        assert!(take(&shared(Path::new(path))).is_err(), "{path}");
    }
}

#[tokio::test]
async fn a_folder_that_was_named_and_keeps_nothing_is_told() {
    let told = async |state: StateFolder| {
        let place = Place::take(&Arc::new(state), "irc.example.net", 6697).await;
        place.map_or_else(|wait| panic!("{wait:?}"), |place| place.unkept)
    };
    let nowhere = Path::new("/dev/null/state");
    let unkept = told(shared(nowhere)).await.expect("it was named");
    assert!(unkept.contains("IRC_STATE_DIR"), "{unkept}");
    assert!(unkept.contains("/dev/null/state"), "{unkept}");
    assert_eq!(told(in_temporary(nowhere)).await, None);

    let folder = tempfile::tempdir().unwrap();
    assert_eq!(told(shared(folder.path())).await, None);
    let file = shared(folder.path()).open(CONNECTS).unwrap();
    file.lock().unwrap();
    assert_eq!(told(shared(folder.path())).await, None, "somebody holds it");
}

#[test]
fn servers_are_hashed_whatever_their_case() {
    assert_eq!(hash("IRC.dal.net", 6697), hash("irc.dal.net", 6697));
    assert_ne!(hash("irc.dal.net", 6697), hash("irc.dal.net", 7000));
}
