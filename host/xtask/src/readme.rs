//! Runs the commands of the README, as they stand, and the servers among them beside the others.
//!
//! What is changed: hosts listen on a free port, and what would lie beside the repository lies in a scratch folder.

use crate::call::{Failure, count, root};
use crate::host;
use crate::tally::Tally;
use std::fs;
use std::process::Command;

/// Runs every line of every block that is marked as `sh`.
pub(crate) fn check() -> Result<Tally, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("the README cannot be tried out: {error}"));
    let text = fs::read_to_string(root().join("README.md")).map_err(failed)?;
    let scratch = root().join("target/verify/readme");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).map_err(failed)?;
    // The programs that were built are found first.
    let built = host::path()?;
    let built = built.parent().into_iter().map(Into::into);
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(built.chain(std::env::split_paths(&others)))
        .map_err(|error| Failure::new(format!("PATH: {error}")))?;
    let mut bash = Command::new("bash");
    bash.current_dir(root()).env("PATH", path).env("SCRATCH", &scratch);
    count(bash.arg("-c").arg(script(&commands(&text))))
}

/// The lines of the blocks, without comments.
fn commands(text: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside && !line.is_empty() && !line.starts_with('#') => commands.push(line),
            _ => {}
        }
    }
    commands
}

/// Starts hosts in the background and finds out where they listen; counts each command as a test.
const PROLOGUE: &str = r#"set -euo pipefail
passed=0
end() { if [ -n "${server:-}" ]; then kill "$server" && wait "$server" || true; fi; server=; }
trap 'status=$?; end; echo "test result: $passed passed; $((status != 0)) failed"; exit $status' EXIT
serve() {
  end
  "$@" >"$SCRATCH/host.log" 2>&1 &
  server=$!
  until host=$(grep -om1 'http://[0-9][0-9.:]*' "$SCRATCH/host.log"); do
    kill -0 "$server" || { cat "$SCRATCH/host.log"; exit 1; }
    sleep 0.2
  done
  export GREENROOM_HOST=$host
}
"#;

fn script(commands: &[&str]) -> String {
    let mut script = PROLOGUE.to_owned();
    for command in commands {
        let done = command.replace("../", "$SCRATCH/").replace("http://127.0.0.1:8080", "$GREENROOM_HOST");
        let command_line = match *command {
            // What runs this.
            "cargo verify" => ":".to_owned(),
            command if command == "cargo kettle" || command.starts_with("greenroom run") => {
                format!("serve {done} --listen 127.0.0.1:0")
            }
            _ => done,
        };
        script.push_str(&format!(
            "echo '$ {}'\n{command_line}\npassed=$((passed + 1))\n",
            command.replace('\'', r"'\''")
        ));
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::count_and_show;
    use std::io;

    #[test]
    fn commands_are_the_lines_of_marked_blocks() {
        let text = "a\n```sh\ncargo kettle\n\n# why\n  b c\n```\nd\n```toml\ne = 1\n```\n```sh\nf\n```\n";
        assert_eq!(commands(text), ["cargo kettle", "b c", "f"]);
    }

    /// Runs a script of commands, and gives back what was counted.
    fn tried(commands: &[&str]) -> (Tally, bool) {
        let scratch = std::env::temp_dir().join(format!("greenroom-readme-{}-{}", std::process::id(), commands.len()));
        fs::create_dir_all(&scratch).unwrap();
        let mut bash = Command::new("bash");
        bash.env("SCRATCH", &scratch).arg("-c").arg(script(commands));
        // Not on the terminal: whoever counts these tests would count those lines, too.
        let counted = count_and_show(&mut bash, &mut io::sink(), &mut io::sink());
        let _ = fs::remove_dir_all(scratch);
        match counted {
            Ok(tally) => (tally, true),
            Err(failure) => (failure.tally, false),
        }
    }

    #[test]
    fn each_command_counts_and_the_first_that_fails_ends_it() {
        assert_eq!(tried(&["true", "cd ../", "test \"$PWD\" = \"$SCRATCH\""]), (Tally { passed: 3, failed: 0 }, true));
        assert_eq!(tried(&["true", "cargo verify", "false", "true"]), (Tally { passed: 2, failed: 1 }, false));
        assert_eq!(tried(&["echo 'it'\\''s' | grep -q it"]), (Tally { passed: 1, failed: 0 }, true));
    }

    #[test]
    fn hosts_run_beside_the_other_commands() {
        let define = "greenroom() { echo \"listening on http://127.0.0.1:4711\"; exec sleep 60; }";
        let asks = "test http://127.0.0.1:8080/healthz = http://127.0.0.1:4711/healthz";
        let commands = [define, "greenroom run --dev", asks, "greenroom run", asks];
        assert_eq!(tried(&commands), (Tally { passed: 5, failed: 0 }, true));
    }
}
