package io.github.weightnorm.example.hifigan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes sound as WAV: one channel, 16-bit PCM. */
final class Wav {
    private static final int HEADER_BYTES = 44;
    private static final int FORMAT_BYTES = 16;
    private static final short PCM = 1;
    private static final short CHANNELS = 1;

    private Wav() {}

    /** Samples from −1 to 1; what is beyond is cut off. */
    static void write(float[] waveform, int samplingRate, Path file) throws IOException {
        int dataBytes = Math.multiplyExact(waveform.length, Short.BYTES);
        ByteBuffer bytes = ByteBuffer.allocate(Math.addExact(HEADER_BYTES, dataBytes)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(ascii("RIFF")).putInt(HEADER_BYTES - 8 + dataBytes).put(ascii("WAVE"));
        bytes.put(ascii("fmt ")).putInt(FORMAT_BYTES).putShort(PCM).putShort(CHANNELS).putInt(samplingRate)
                .putInt(samplingRate * Short.BYTES).putShort((short) Short.BYTES).putShort((short) Short.SIZE);
        bytes.put(ascii("data")).putInt(dataBytes);
        for (float sample : waveform) {
            bytes.putShort((short) Math.round(Short.MAX_VALUE * Math.max(-1, Math.min(1, sample))));
        }
        Files.write(file, bytes.array());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
