//! Lists the page's files, so that the host carries them within itself.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What a browser is given. Anything else in the folder (notes, type declarations) stays out.
const SERVED: [&str; 8] = ["css", "html", "ico", "js", "png", "svg", "txt", "woff2"];

fn main() -> io::Result<()> {
    let page = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("page");
    println!("cargo::rerun-if-changed=page");
    let mut names = Vec::new();
    list(&page, Path::new(""), &mut names)?;
    names.sort();
    let mut source = String::from("&[\n");
    for name in names {
        // Not the path as it is now: one target directory may serve several checkouts.
        let path = format!("/page/{name}");
        writeln!(source, "    ({name:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),")
            .map_err(io::Error::other)?;
    }
    source.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("page.rs"), source)
}

/// Adds the names of all files beneath a folder, with `/` between folders.
fn list(root: &Path, within: &Path, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(within))? {
        let entry = entry?;
        let path = within.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            list(root, &path, names)?;
        } else if path.extension().is_some_and(|end| SERVED.iter().any(|served| end == *served)) {
            names.push(path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
        }
    }
    Ok(())
}
