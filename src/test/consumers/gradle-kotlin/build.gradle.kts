plugins {
    application
}

// <gradle-kotlin>
repositories {
    mavenLocal()   // where "mvn install" puts it
    mavenCentral()
}
dependencies {
    implementation("io.github.weightnorm:weightnorm:0.1.0-SNAPSHOT")
}
tasks.withType<JavaExec>().configureEach { jvmArgs("--add-modules", "jdk.incubator.vector") }
tasks.withType<Test>().configureEach { jvmArgs("--add-modules", "jdk.incubator.vector") }
// </gradle-kotlin>

dependencies {
    testImplementation("org.junit.jupiter:junit-jupiter:6.1.3")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:6.1.3")
}
application {
    mainClass.set("consumer.Consumer")
}
tasks.test {
    useJUnitPlatform()
    systemProperty("expected", "scalar, then vector")
}
