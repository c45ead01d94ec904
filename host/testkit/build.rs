//! Lists the probes, so that each must have a test of its name: `each_probe!` names them all, and the tests don't compile
//! when one is missing.

use std::path::Path;

fn main() {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let probes = Path::new(&here).join("../../actors/probes");
    println!("cargo::rerun-if-changed={}", probes.display());
    let mut names: Vec<_> = std::fs::read_dir(&probes)
        .unwrap_or_else(|error| panic!("{}: {error}", probes.display()))
        .filter_map(|entry| Some(entry.ok()?.path()).filter(|path| path.join("Cargo.toml").exists()))
        .filter_map(|path| Some(path.file_name()?.to_str()?.replace('-', "_")))
        .collect();
    names.sort();
    let calls: String = names.iter().map(|name| format!("        $probe!({name});\n")).collect();
    let text = format!(
        "/// Calls a macro with the name of each probe in `actors/probes`.\n#[macro_export]\nmacro_rules! each_probe {{\n    ($probe:ident) => {{\n{calls}    }};\n}}\n"
    );
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("probes.rs"), text).expect("OUT_DIR can be written to");
}
