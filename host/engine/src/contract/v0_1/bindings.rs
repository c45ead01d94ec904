//! What `bindgen!` makes of `wit/`: the imports as traits, and the types.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "all-imports",
    imports: { "greenroom:actor/asking.ask": async },
});
