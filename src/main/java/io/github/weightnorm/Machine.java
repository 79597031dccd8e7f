package io.github.weightnorm;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * What matters of a JVM when a back end is chosen.
 *
 * @param vmName {@code java.vm.name}
 * @param vmInfo {@code java.vm.info}: how the JVM compiles
 * @param feature the JDK's feature number, such as 25
 * @param architecture {@code os.arch}
 * @param flags the JVM's flags by name, each as text, or null where it is not to be had
 */
record Machine(String vmName, String vmInfo, int feature, String architecture, UnaryOperator<String> flags) {

    /** The JVM that this runs on. */
    static Machine current() {
        return new Machine(System.getProperty("java.vm.name", ""), System.getProperty("java.vm.info", ""),
                Runtime.version().feature(), System.getProperty("os.arch", ""), Machine::flag);
    }

    /** True if this JVM is known to compile a fused multiply-add to one instruction. */
    static boolean fusesMultiplyAdd() {
        return Boolean.parseBoolean(flag("UseFMA"));
    }

    /** Why vector code would not pay on this machine, or null if it should. */
    String objection() {
        if (!vmName.contains("Server VM")) {
            return "the JVM is not known to have HotSpot's C2 compiler (" + vmName + ")";
        }
        String info = vmInfo.toLowerCase(Locale.ROOT);
        if (info.contains("interpreted mode") || info.contains("emulated-client")) {
            return "C2 is switched off (" + vmInfo + ")";
        }
        if (feature < 25 && Boolean.parseBoolean(flags.apply("UseJVMCICompiler"))) {
            return "Graal compiles the Vector API in full from JDK 25 on only";
        }
        return null;
    }

    /** True if vectors of this many bits are too narrow to pay: below AVX, x86 converts two floats at a time, and not from memory. */
    boolean tooNarrow(int bits) {
        boolean x86 = architecture.equals("amd64") || architecture.equals("x86_64");
        return x86 && bits < 256;
    }

    private static String flag(String name) {
        try {
            return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption(name).getValue();
        } catch (LinkageError | RuntimeException unknown) {
            // No jdk.management in this image, another kind of JVM, or a flag that this one does not have.
            return null;
        }
    }
}
