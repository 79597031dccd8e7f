/**
 * Properties of a weight normalization kernel, to be run against any: a subclass of
 * {@link io.github.weightnorm.properties.WeightNormProperties} that says which is all it takes. They need jqwik and nothing else.
 */
package io.github.weightnorm.properties;
