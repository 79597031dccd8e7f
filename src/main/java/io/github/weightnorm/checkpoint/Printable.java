package io.github.weightnorm.checkpoint;

/**
 * Makes text from a file harmless before it reaches a terminal or a log.
 *
 * <p>A tensor's name may hold escape sequences that drive a terminal, line breaks that forge a log entry, marks that reverse the
 * order of what follows, or a million letters.
 */
public final class Printable {
    static final int NAME_LENGTH = 120;
    static final int PATH_LENGTH = 4096;

    private Printable() {}

    /**
     * Returns a name with everything unprintable escaped as Java writes it, and cut where it is overlong.
     *
     * @param name any text
     * @return one line of printable characters
     */
    public static String of(String name) {
        return of(name, NAME_LENGTH);
    }

    /**
     * Returns a text with everything unprintable escaped as Java writes it, and cut after so many characters.
     *
     * @param text any text
     * @param length how many characters of the text are kept
     * @return one line of printable characters; where the text was longer, its full length stands at the end
     */
    public static String of(String text, int length) {
        StringBuilder line = new StringBuilder();
        int end = Math.min(text.length(), length);
        for (int i = 0; i < end; ) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            if (isPrintable(codePoint)) {
                line.appendCodePoint(codePoint);
            } else {
                for (char c : Character.toChars(codePoint)) {
                    line.append("\\u").append(Character.forDigit(c >> 12, 16)).append(Character.forDigit(c >> 8 & 15, 16))
                            .append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
                }
            }
        }
        if (text.length() > end) {
            line.append("... (").append(text.length()).append(" characters)");
        }
        return line.toString();
    }

    /** The name between quotes, for messages. */
    static String quoted(String name) {
        return "'" + of(name) + "'";
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
