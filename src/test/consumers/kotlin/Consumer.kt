import io.github.weightnorm.WeightNorm

fun main() {
    // <kotlin>
    val layer = WeightNorm.linear(2, 2)
    val v = floatArrayOf(3f, 4f, 5f, 12f)
    val g = floatArrayOf(10f, 26f)
    val w = FloatArray(layer.size())
    layer.reconstruct(v, g, w)
    // </kotlin>
    check(w.contentEquals(floatArrayOf(6f, 8f, 10f, 24f))) { w.contentToString() }
    println(WeightNorm.backend())
}
