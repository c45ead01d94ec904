//! The actors that are not in Rust, by `greenroom build`'s own code.

use crate::call::{Failure, root, run};
use crate::guests::builder;

/// Language, package, and the folder of the source. `asking` needs a fiber, so there is one with it and one without.
const ACTORS: [(&str, &str, &str); 23] = [
    ("c", "conformance-c", "actors/conformance-c"),
    ("c", "conformance-c-asking", "actors/conformance-c/asking"),
    ("go", "conformance-go", "actors/conformance-go"),
    ("go", "conformance-go-asking", "actors/conformance-go/asking"),
    ("c", "counter-c", "examples/languages/actors/c"),
    ("c++", "counter-cpp", "examples/languages/actors/cpp"),
    ("go", "counter-go", "examples/languages/actors/go"),
    ("wat", "counter-wat", "examples/languages/actors/wat"),
    ("zig", "counter-zig", "examples/languages/actors/zig"),
    ("javascript", "conformance-javascript", "actors/conformance-javascript"),
    ("javascript", "conformance-javascript-asking", "actors/conformance-javascript"),
    ("javascript", "counter-javascript", "examples/languages/actors/javascript"),
    ("typescript", "counter-typescript", "examples/languages/actors/typescript"),
    ("python", "conformance-python", "actors/conformance-python"),
    ("python", "conformance-python-asking", "actors/conformance-python"),
    ("python", "surface-python", "actors/surface-python"),
    ("python", "counter-python", "examples/languages/actors/python/src"),
    ("c", "mixed-filter-c", "examples/mixed/actors/filter-c"),
    ("go", "mixed-sampler-go", "examples/mixed/actors/sampler-go"),
    ("javascript", "mixed-controller-javascript", "examples/mixed/actors/controller-javascript"),
    ("javascript", "mixed-formatter-javascript", "examples/mixed/actors/formatter-javascript"),
    ("python", "mixed-controller-python", "examples/mixed/actors/controller-python"),
    ("python", "mixed-formatter-python", "examples/mixed/actors/formatter-python"),
];

/// Builds them into `target/guests`. The compiler says what is wrong in the source.
pub(crate) fn build() -> Result<(), Failure> {
    let root = root();
    for (language, package, folder) in ACTORS {
        let mut build = builder("actor");
        run(build.args([language, package]).arg(root.join(folder)).arg(root.join("target/guests")))?;
    }
    Ok(())
}
