//! Makes the parsers of `src/syntax/*.lalrpop`.
fn main() {
    lalrpop::process_src().expect("the grammars are valid");
}
