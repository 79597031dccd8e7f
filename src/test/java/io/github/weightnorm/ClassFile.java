package io.github.weightnorm;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * As much of a class file as the tests want to know (JVM specification, chapter 4); the JDK's own reader came with 24.
 *
 * @param classes the internal names of all classes that it refers to, itself among them
 * @param bytecodes the length in bytes of each method's code, by name and descriptor
 */
record ClassFile(Set<String> classes, Map<String, Integer> bytecodes) {

    static ClassFile of(Class<?> type) throws IOException {
        try (InputStream file = type.getResourceAsStream(type.getName().substring(type.getPackageName().length() + 1) + ".class")) {
            return read(new DataInputStream(file));
        }
    }

    static ClassFile of(byte[] file) throws IOException {
        return read(new DataInputStream(new ByteArrayInputStream(file)));
    }

    private static ClassFile read(DataInputStream in) throws IOException {
        if (in.readInt() != 0xcafebabe) {
            throw new IOException("not a class file");
        }
        in.skipNBytes(4);
        int count = in.readUnsignedShort();
        String[] texts = new String[count];
        int[] classNames = new int[count];
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case 1 -> texts[i] = in.readUTF();
                case 7 -> classNames[i] = in.readUnsignedShort();
                case 8, 16, 19, 20 -> in.skipNBytes(2);
                case 15 -> in.skipNBytes(3);
                case 5, 6 -> {
                    in.skipNBytes(8);
                    // A long or a double takes two places.
                    i++;
                }
                default -> in.skipNBytes(4);
            }
        }
        Set<String> classes = new TreeSet<>();
        for (int i = 1; i < count; i++) {
            if (classNames[i] != 0) {
                // An array's name is a descriptor.
                classes.add(texts[classNames[i]].replaceFirst("^\\[+L?", "").replace(";", ""));
            }
        }
        in.skipNBytes(6);
        in.skipNBytes(2L * in.readUnsignedShort());
        members(in, texts);
        return new ClassFile(classes, members(in, texts));
    }

    /** Reads fields or methods. */
    private static Map<String, Integer> members(DataInputStream in, String[] texts) throws IOException {
        Map<String, Integer> bytecodes = new TreeMap<>();
        for (int members = in.readUnsignedShort(); members > 0; members--) {
            in.skipNBytes(2);
            String member = texts[in.readUnsignedShort()] + texts[in.readUnsignedShort()];
            for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
                String attribute = texts[in.readUnsignedShort()];
                int length = in.readInt();
                if (attribute.equals("Code")) {
                    in.skipNBytes(4);
                    bytecodes.put(member, in.readInt());
                    in.skipNBytes(length - 8L);
                } else {
                    in.skipNBytes(length);
                }
            }
        }
        return bytecodes;
    }
}
