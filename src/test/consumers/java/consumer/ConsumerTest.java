package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ConsumerTest {

    @Test
    void foldsOnTheBackEndThatThisRunIsMeantFor() {
        assertEquals(System.getProperty("expected"), Consumer.backEndThatFolds());
    }
}
