use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::{PATIENCE, read, read_within};

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("irclog-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn pipe(name: &str) -> PathBuf {
    let path = folder(name).join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path
}

fn end(path: &Path) {
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[test]
fn a_pipe_that_nobody_writes_to_holds_up_nobody() {
    let path = pipe("silent");
    let error = read_within(&path, Duration::from_millis(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    end(&path);
}

#[test]
fn a_pipe_that_is_not_closed_holds_up_nobody() {
    let path = pipe("open");
    let writer = {
        let path = path.clone();
        thread::spawn(move || {
            let mut pipe = File::create(path).unwrap();
            pipe.write_all(b"half").unwrap();
            pipe
        })
    };
    let error = read_within(&path, Duration::from_millis(200)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    // Whoever had not yet found a reader finds this one.
    let _reader = File::options().read(true).write(true).open(&path).unwrap();
    drop(writer.join().unwrap());
    end(&path);
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let path = pipe("written");
    let writer = {
        let path = path.clone();
        thread::spawn(move || {
            let mut pipe = File::create(path).unwrap();
            for part in ["tiger-", "lily", "\n"] {
                pipe.write_all(part.as_bytes()).unwrap();
            }
        })
    };
    assert_eq!(read_within(&path, 12 * PATIENCE).unwrap(), "tiger-lily\n");
    writer.join().unwrap();
    end(&path);
}

#[test]
fn what_has_no_end_is_too_large() {
    assert_eq!(
        read("/dev/zero").unwrap_err().kind(),
        ErrorKind::FileTooLarge
    );
}

#[test]
fn an_empty_device_is_an_empty_setting() {
    assert_eq!(read("/dev/null").unwrap(), "");
}

#[test]
fn a_folder_is_no_file() {
    assert!(read("/").is_err());
}
