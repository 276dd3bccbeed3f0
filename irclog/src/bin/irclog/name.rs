//! What a service is called that nobody has named: not after its interpreter.

use std::ffi::OsString;
use std::path::Path;

/// `OTEL_SERVICE_NAME`, else the script or the module that `command` runs, else
/// the program.
pub(crate) fn of(command: &[OsString]) -> String {
    let given = std::env::var("OTEL_SERVICE_NAME").unwrap_or_default();
    if given.trim().is_empty() {
        let words: Vec<String> = command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        of_words(&words)
    } else {
        given.trim().to_owned()
    }
}

fn of_words(words: &[String]) -> String {
    let Some((program, rest)) = words.split_first() else {
        return String::new();
    };
    let program = stem(program);
    let unversioned = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let inner = match unversioned {
        "env" | "nice" | "exec" | "tini" | "dumb-init" | "time" | "stdbuf" => {
            let rest = after_options(rest, &["-n", "-i", "-o", "-e", "-u"]);
            let command = rest.iter().position(|word| !word.contains('='));
            command.map(|at| of_words(&rest[at..]))
        }
        "poetry" | "uv" | "pipenv" | "pdm" | "hatch" | "rye" | "bundle" => {
            let command = rest.iter().position(|word| word == "run" || word == "exec");
            command.map(|at| of_words(after_options(&rest[at + 1..], &["--with", "--env-file"])))
        }
        "python" | "pypy" => script(rest, &["-X", "-W", "--check-hash-based-pycs"]),
        "node" | "nodejs" | "bun" | "deno" | "ruby" | "perl" | "php" | "tsx" | "ts-node" => script(
            rest,
            &[
                "-r",
                "--require",
                "--import",
                "--env-file",
                "-I",
                "-c",
                "-d",
            ],
        ),
        "java" => script(rest, &["-cp", "-classpath", "--module-path"]),
        "uvicorn" | "gunicorn" | "hypercorn" | "daphne" | "granian" => rest
            .iter()
            .find(|word| word.contains(':') && !word.starts_with('-') && !word.contains(['/', '.']))
            .or_else(|| {
                let is_app = |word: &&String| {
                    word.contains(':')
                        && !word.starts_with(|c: char| c == '-' || c.is_ascii_digit())
                };
                rest.iter().find(is_app)
            })
            .and_then(|app| app.split(':').next())
            .map(str::to_owned),
        _ => None,
    };
    inner.filter(|inner| !inner.is_empty()).unwrap_or(program)
}

/// The script, module or archive among the arguments of an interpreter, of
/// which `valued` take a value.
fn script(words: &[String], valued: &[&str]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            // Python's module, and Java's.
            "-m" => return words.next().cloned(),
            "-jar" => return words.next().map(|jar| stem(jar)),
            // Code, or standard input.
            "-c" | "-e" | "-" | "--eval" => return None,
            "run" => {}
            word if valued.contains(&word) => {
                words.next();
            }
            word if word.starts_with('-') => {}
            word => return Some(stem(word)),
        }
    }
    None
}

fn after_options<'a>(mut words: &'a [String], valued: &[&str]) -> &'a [String] {
    while let Some((first, rest)) = words.split_first() {
        if !first.starts_with('-') {
            break;
        }
        let takes = valued.contains(&first.as_str());
        words = &rest[usize::from(takes).min(rest.len())..];
        if first == "--" {
            break;
        }
    }
    words
}

fn stem(path: &str) -> String {
    let stem = Path::new(path).file_stem();
    stem.unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_by_what_is_run() {
        for (command, name) in [
            ("facilitator --port 8080", "facilitator"),
            ("/usr/local/bin/facilitator", "facilitator"),
            ("python3 main.py", "main"),
            ("python3.11 -u -X dev /srv/seller.py --port 1", "seller"),
            ("python -m shop.worker --fast", "shop.worker"),
            ("python3 -c print(1)", "python3"),
            ("python3", "python3"),
            ("node --enable-source-maps dist/snapp.js", "snapp"),
            ("node -r dotenv/config pay.mjs", "pay"),
            ("bun run server.ts", "server"),
            ("java -Xmx1g -cp lib -jar /srv/shop-1.2.jar", "shop-1.2"),
            ("uvicorn main:app --host 0.0.0.0", "main"),
            ("gunicorn -w 4 -b 0.0.0.0:80 shop.wsgi:app", "shop.wsgi"),
            ("poetry run python main.py", "main"),
            ("uv run --with x seller.py", "seller"),
            ("env A=1 B=2 python3 seller.py", "seller"),
            ("tini -- node pay.js", "pay"),
            ("sh -c exec", "sh"),
        ] {
            let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
            assert_eq!(of_words(&words), name, "{command}");
        }
    }
}
