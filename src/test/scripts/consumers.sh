#!/usr/bin/env bash
# Takes the library in as its users do, in every way that docs/embedding.md lists, and prints a table of what passed.
#
#   src/test/scripts/consumers.sh [jdk] [maven] [kotlin] [gradle]       (without arguments: all four)
#
# Each consumer folds a layer that is known in every bit and has to find the back end that it is meant for. The artifact is installed
# into a local repository below target/, never into yours; yours only serves the libraries that it has already. Needs Maven, and the
# JDK >= 17 that JAVA_HOME names or that stands on the path.
set -uo pipefail
cd "$(dirname "$0")/../../.." || exit

project=$PWD
consumers=$project/src/test/consumers
work=$project/target/consumers
local_repository=$work/repository
home=${JAVA_HOME:-$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.home = //p')}
flag="--add-modules jdk.incubator.vector"
checkpoint=src/test/resources/fixtures/codec.legacy.safetensors
# What begins, and what is to follow once it is compiled.
vector='^scalar, then vector$'
scalar='^scalar$'
table=""
failures=0

# ---- what a scenario is -------------------------------------------------------------------------------------------------------------

row() { table+=$(printf '%-8s %-62s %s' "$1" "$2" "$3")$'\n'; }

# expect NAME REGEX COMMAND…: the command succeeds, and a line of what it prints matches; prints the first such line into the table.
expect() { judge 0 "$@"; }

# refuse NAME REGEX COMMAND…: the command fails, and says why in a line that matches.
refuse() { judge 1 "$@"; }

judge() {
    local failing=$1 name=$2 pattern=$3 code line
    shift 3
    "$@" >"$work/log" 2>&1 </dev/null
    code=$?
    line=$(grep -E -m 1 -- "$pattern" "$work/log")
    if [ $((code != 0)) -eq "$failing" ] && [ -n "$line" ]; then
        row passed "$name" "${line:0:70}"
    else
        failures=$((failures + 1))
        row FAILED "$name" "exit code $code, expected: $pattern"
        printf '\n== %s: %s\n' "$name" "$*"
        tail -30 "$work/log"
    fi
}

skip() { row skipped "$1" "$2"; }

# ---- the artifact -------------------------------------------------------------------------------------------------------------------

maven() { mvn -B -Dstyle.color=never --no-transfer-progress -gs "$work/settings.xml" -Dmaven.repo.local="$local_repository" "$@"; }

install() {
    rm -rf "$local_repository/io/github/weightnorm"
    mkdir -p "$work"
    cat >"$work/settings.xml" <<END
<settings>
  <profiles>
    <profile>
      <id>what-is-there-already</id>
      <repositories>$(known_repository repository)</repositories>
      <pluginRepositories>$(known_repository pluginRepository)</pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>what-is-there-already</activeProfile></activeProfiles>
</settings>
END
    maven -q -DskipTests -Dmaven.javadoc.skip install || exit 1
    jar=$(find "$local_repository/io/github/weightnorm" -name 'weightnorm-*.jar' ! -name '*-sources.jar' ! -name '*-properties.jar')
    jackson=$(find "$local_repository/com/fasterxml/jackson/core/jackson-core" -name '*.jar')
    picocli=$(find "$local_repository/info/picocli/picocli" -name '*.jar')
}

known_repository() {
    echo "<$1><id>already-there</id><url>file://${MAVEN_REPOSITORY:-$HOME/.m2/repository}</url>" \
        "<releases><checksumPolicy>ignore</checksumPolicy></releases><snapshots><enabled>false</enabled></snapshots></$1>"
}

# ---- the JDK's own tools ------------------------------------------------------------------------------------------------------------

java() { "$home/bin/java" "$@"; }

# compile FOLDER SOURCE…: the consumer, and what else is named.
compile() {
    local folder=$1
    shift
    "$home/bin/javac" --release 17 -p "$jar" -cp "$jar" -d "$folder" "$consumers/java/consumer/Consumer.java" "$@"
}

image() {
    local name=$1
    shift
    "$home/bin/jlink" "$@" --add-modules consumer --launcher consumer=consumer/consumer.Consumer --output "$work/$name" >"$work/log" 2>&1
}

with_jdk() {
    local libraries="$jar:$jackson:$picocli" command=io.github.weightnorm/io.github.weightnorm.checkpoint.cli.Main
    rm -rf "$work"/{classes,plain,requiring,image-*}
    mkdir "$work/plain"
    echo "module consumer { requires io.github.weightnorm; }" >"$work/plain/module-info.java"
    compile "$work/classes"
    compile "$work/plain" "$work/plain/module-info.java"
    compile "$work/requiring" "$consumers/maven-module/src/main/java/module-info.java" 2>/dev/null

    expect "class path, $flag" "$vector" java $flag -cp "$jar:$work/classes" consumer.Consumer
    expect "class path, JDK_JAVA_OPTIONS" "$vector" env JDK_JAVA_OPTIONS="$flag" "$home/bin/java" -cp "$jar:$work/classes" consumer.Consumer
    expect "class path" "$scalar" java -cp "$jar:$work/classes" consumer.Consumer
    refuse "class path, -Dweightnorm.backend=vector" "$flag" \
        java -Dweightnorm.backend=vector -cp "$jar:$work/classes" consumer.Consumer
    expect "one source file, $flag" "^\[6.0, 8.0, 10.0, 24.0\], backend scalar, then vector" java $flag -cp "$jar" "$consumers/java/FiveMinutes.java"
    expect "jshell, $flag" "$vector" jshell

    expect "module path, $flag" "$vector" java $flag -p "$jar:$work/plain" -m consumer/consumer.Consumer
    expect "module path" "$scalar" java -p "$jar:$work/plain" -m consumer/consumer.Consumer
    expect "module path, requires jdk.incubator.vector" "$vector" java -p "$jar:$work/requiring" -m consumer/consumer.Consumer

    image image-scalar -p "$jar:$work/plain"
    expect "jlink image" "$scalar" "$work/image-scalar/bin/consumer"
    image image-unresolved -p "$jar:$work/plain" --add-modules jdk.incubator.vector
    expect "jlink image with the vector module" "$scalar" "$work/image-unresolved/bin/consumer"
    # The space keeps jlink of Java 17 from taking the value for an option of its own.
    image image-options -p "$jar:$work/plain" --add-modules jdk.incubator.vector --add-options " --add-modules=jdk.incubator.vector"
    expect "jlink image with the vector module, --add-options" "$vector" "$work/image-options/bin/consumer"
    image image-requiring -p "$jar:$work/requiring"
    expect "jlink image, requires jdk.incubator.vector" "$vector" "$work/image-requiring/bin/consumer"

    expect "checkpoint, class path" "backend scalar, then vector" java $flag -cp "$libraries" "${command#*/}" fold --overwrite "$checkpoint" "$work/folded"
    expect "checkpoint, module path" "backend scalar, then vector" \
        java $flag,com.fasterxml.jackson.core,info.picocli -p "$libraries" -m "$command" fold --overwrite "$checkpoint" "$work/folded"
    refuse "checkpoint, class path without jackson-core" "add com.fasterxml.jackson.core:jackson-core" \
        java -cp "$jar:$picocli" "${command#*/}" inspect "$checkpoint"
    refuse "checkpoint, module path without jackson-core" "add com.fasterxml.jackson.core:jackson-core" \
        java --add-modules info.picocli -p "$jar:$picocli" -m "$command" inspect "$checkpoint"
    refuse "checkpoint, module path with jackson-core unresolved" "add com.fasterxml.jackson.core:jackson-core" \
        java --add-modules info.picocli -p "$libraries" -m "$command" inspect "$checkpoint"
}

jshell() {
    "$home/bin/jshell" -s $flag -R--add-modules -Rjdk.incubator.vector --class-path "$jar:$work/classes" \
        <(echo 'consumer.Consumer.main(new String[0])'; echo '/exit')
}

# ---- Maven, Kotlin, Gradle ----------------------------------------------------------------------------------------------------------

# fresh NAME: a copy of a consumer's build in $work/NAME, with the common sources where Maven and Gradle look for them.
fresh() {
    rm -rf "${work:?}/$1"
    cp -r "$consumers/$1" "$work/$1"
    [ "$1" = kotlin ] || [ "$1" = properties ] && return
    mkdir -p "$work/$1/src/main/java/consumer" "$work/$1/src/test/java/consumer"
    cp "$consumers/java/consumer/Consumer.java" "$work/$1/src/main/java/consumer"
    [ "$1" = gradle-groovy ] || cp "$consumers/java/consumer/ConsumerTest.java" "$work/$1/src/test/java/consumer"
}


with_maven() {
    fresh maven
    expect "Maven, class path: tests with the flag, and without" "passed: 2" both_executions
    fresh maven-module
    expect "Maven, module path: tests, requires jdk.incubator.vector" "Tests run: 1, Failures: 0, Errors: 0, Skipped: 0" \
        maven -f "$work/maven-module/pom.xml" verify
    fresh properties
    mkdir -p "$work/properties/src/test/java"
    sed -n '/<!-- properties-example -->/,/^```$/p' README.md | sed '/^```/d; /^<!--/d' >"$work/properties/src/test/java/PlainLoopProperties.java"
    expect "Maven, the properties jar: the README's own kernel" "Tests run: [1-9][0-9]*, Failures: 0, Errors: 0" \
        maven -f "$work/properties/pom.xml" verify
}

both_executions() {
    maven -f "$work/maven/pom.xml" verify | tee "$work/maven/log"
    echo "passed: $(grep -c 'Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Time' "$work/maven/log")"
}

with_kotlin() {
    fresh kotlin
    if ! maven -q -f "$work/kotlin/pom.xml" compile; then
        expect "Kotlin, compiled by its Maven plugin" compiled false
        return
    fi
    local classes stdlib
    stdlib=$(find "$local_repository/org/jetbrains/kotlin/kotlin-stdlib" -name 'kotlin-stdlib-*.jar' | tail -1)
    classes="$jar:$work/kotlin/target/classes:$stdlib"
    expect "Kotlin, $flag" "$vector" java $flag -cp "$classes" ConsumerKt
    expect "Kotlin" "$scalar" java -cp "$classes" ConsumerKt
}

with_gradle() {
    local version
    version=$(gradle --version 2>/dev/null | sed -n 's/^Gradle \([0-9]*\).*/\1/p')
    if [ -z "$version" ]; then
        skip "Gradle, Groovy and Kotlin DSL" "no gradle on the path"
        return
    fi
    fresh gradle-groovy
    expect "Gradle $version, Groovy DSL: run" "$vector" gradle_build gradle-groovy run
    if [ "$version" -lt 8 ]; then
        skip "Gradle, Kotlin DSL" "gradle $version on the path is older than 8"
        return
    fi
    fresh gradle-kotlin
    expect "Gradle $version, Kotlin DSL: run and test" "$vector" gradle_build gradle-kotlin run test
}

gradle_build() {
    local folder=$work/$1
    shift
    (cd "$folder" && JAVA_HOME=$home gradle -q --no-daemon -Dmaven.repo.local="$local_repository" -g "$work/gradle-home" "$@")
}

# ---- all of it ----------------------------------------------------------------------------------------------------------------------

install
[ $# -gt 0 ] || set -- jdk maven kotlin gradle
for each in "$@"; do
    case $each in
        jdk | maven | kotlin | gradle) "with_$each" ;;
        *) echo "unknown: $each (expected: jdk, maven, kotlin or gradle)" >&2; exit 2 ;;
    esac
done
printf '\nJava %s, %s %s\n%s' "$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.version = //p')" "$(uname -s)" "$(uname -m)" "$table"
exit $((failures > 0))
