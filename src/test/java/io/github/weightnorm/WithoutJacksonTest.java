package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A program that embeds the kernels alone, and opens a checkpoint all the same, is told what is missing. */
@Tag("once")
class WithoutJacksonTest {

    @Test
    void theErrorNamesTheLibraryEachTime() throws Exception {
        Jdk jdk = Jdk.all().get(Runtime.version().feature());
        List<String> messages = jdk.run(List.of(), WithoutJacksonTest.class);
        assertEquals(3, messages.size(), messages.toString());
        assertEquals("scalar", messages.get(0));
        assertTrue(messages.get(1).contains("com.fasterxml.jackson.core:jackson-core"), messages.toString());
        // Loading a class fails in another way the second time.
        assertEquals(messages.get(1), messages.get(2));
    }

    /** What the forked JVM does, with nothing but this library and the tests on its class path. */
    public static void main(String[] arguments) throws IOException {
        System.out.println(WeightNorm.backend());
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                CheckpointFolder.inspect(Fixtures.path("codec.legacy.safetensors"));
                System.out.println("no error");
            } catch (IllegalStateException missing) {
                System.out.println(missing.getMessage());
            }
        }
    }
}
