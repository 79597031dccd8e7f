// <module>
module consumer {
    requires io.github.weightnorm;
    requires jdk.incubator.vector;   // resolves it, so that no flag is needed
}
// </module>
