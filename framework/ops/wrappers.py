"""One function an op, written from the declarations by `python -m framework.ops.generate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from framework.graph import Operation, Tensor
from framework.ops.apply import DTypeLike, TensorLike, apply, every_axis, operation, reversed_axes

__all__ = [
    "BroadcastGradientArgsOutputs",
    "CombinedNonMaxSuppressionOutputs",
    "FusedBatchNormGradOutputs",
    "FusedBatchNormGradV2Outputs",
    "FusedBatchNormGradV3Outputs",
    "FusedBatchNormOutputs",
    "FusedBatchNormV2Outputs",
    "FusedBatchNormV3Outputs",
    "HistogramBucketsOutputs",
    "ListDiffOutputs",
    "LogMatrixDeterminantOutputs",
    "MaxPoolWithArgmaxOutputs",
    "NonMaxSuppressionV4Outputs",
    "NonMaxSuppressionV5Outputs",
    "QrOutputs",
    "SelfAdjointEigV2Outputs",
    "SoftmaxCrossEntropyWithLogitsOutputs",
    "SparseSoftmaxCrossEntropyWithLogitsOutputs",
    "SvdOutputs",
    "TensorArrayConcatV3Outputs",
    "TensorArrayV3Outputs",
    "TensorListConcatV2Outputs",
    "TensorListPopBackOutputs",
    "TopKV2Outputs",
    "UniqueOutputs",
    "UniqueV2Outputs",
    "UniqueWithCountsOutputs",
    "UniqueWithCountsV2Outputs",
    "abs",
    "acos",
    "acosh",
    "add",
    "add_n",
    "add_v1",
    "adjust_contrast",
    "adjust_hue",
    "adjust_saturation",
    "angle",
    "apply_ada_max",
    "apply_adadelta",
    "apply_adagrad",
    "apply_adagrad_v2",
    "apply_adam",
    "apply_centered_rms_prop",
    "apply_ftrl",
    "apply_gradient_descent",
    "apply_momentum",
    "apply_rms_prop",
    "approximate_equal",
    "argmax",
    "argmin",
    "as_string",
    "asin",
    "asinh",
    "assert_that",
    "assign",
    "assign_add",
    "assign_add_variable_op",
    "assign_sub",
    "assign_sub_variable_op",
    "assign_variable_op",
    "atan",
    "atan2",
    "atanh",
    "attention",
    "avg_pool",
    "avg_pool3_d",
    "avg_pool_grad",
    "batch_matmul",
    "batch_matmul_v1",
    "batch_matmul_v3",
    "batch_to_space",
    "batch_to_space_nd",
    "bessel_i0e",
    "bessel_i1e",
    "betainc",
    "bias_add",
    "bias_add_grad",
    "bincount",
    "bitcast",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "broadcast_args",
    "broadcast_gradient_args",
    "broadcast_to",
    "bucketize",
    "cast",
    "ceil",
    "check_numerics",
    "check_numerics_v2",
    "cholesky",
    "clip_by_value",
    "combined_non_max_suppression",
    "complex",
    "complex_abs",
    "concat",
    "concat_offset",
    "concat_v1",
    "conj",
    "conv2d",
    "conv2d_backprop_filter",
    "conv2d_backprop_input",
    "conv3d",
    "conv3d_backprop_input",
    "cos",
    "cosh",
    "crop_and_resize",
    "cross",
    "cumprod",
    "cumsum",
    "cumulative_logsumexp",
    "dense_bincount",
    "depth_to_space",
    "depthwise_conv2d",
    "depthwise_conv2d_backprop_filter",
    "depthwise_conv2d_backprop_input",
    "diag",
    "diag_part",
    "digamma",
    "div",
    "div_no_nan",
    "divide",
    "dynamic_partition",
    "dynamic_stitch",
    "einsum",
    "elu",
    "elu_grad",
    "empty_tensor_list",
    "ensure_shape",
    "equal",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "expand_dims",
    "expm1",
    "extract_image_patches",
    "fft",
    "fft2d",
    "fft3d",
    "fill",
    "floor",
    "floordiv",
    "floormod",
    "fused_batch_norm",
    "fused_batch_norm_grad",
    "fused_batch_norm_grad_v1",
    "fused_batch_norm_grad_v2",
    "fused_batch_norm_v1",
    "fused_batch_norm_v2",
    "gather",
    "gather_nd",
    "gather_v1",
    "gelu",
    "gradients",
    "greater",
    "greater_equal",
    "gru",
    "histogram_buckets",
    "histogram_summary",
    "hsv_to_rgb",
    "identity",
    "identity_n",
    "ifft",
    "ifft2d",
    "ifft3d",
    "igamma",
    "igamma_grad_a",
    "igammac",
    "imag",
    "image_projective_transform_v3",
    "image_summary",
    "in_top_k",
    "initialize_update",
    "inv",
    "inv_grad",
    "invert",
    "invert_permutation",
    "irfft",
    "irfft2d",
    "irfft3d",
    "is_finite",
    "is_inf",
    "is_nan",
    "is_variable_initialized",
    "keep_finite",
    "l2_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_grad",
    "left_shift",
    "less",
    "less_equal",
    "lgamma",
    "linspace",
    "list_diff",
    "log",
    "log1p",
    "log_matrix_determinant",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "lower_bound",
    "lrn",
    "lstm",
    "matmul",
    "matrix_band_part",
    "matrix_determinant",
    "matrix_diag",
    "matrix_diag_part",
    "matrix_diag_part_v1",
    "matrix_diag_part_v2",
    "matrix_diag_v1",
    "matrix_diag_v2",
    "matrix_inverse",
    "matrix_set_diag",
    "matrix_set_diag_v1",
    "matrix_set_diag_v2",
    "matrix_solve",
    "matrix_triangular_solve",
    "max_pool",
    "max_pool3_d",
    "max_pool_grad",
    "max_pool_v2",
    "max_pool_with_argmax",
    "maximum",
    "merge_summary",
    "minimum",
    "mirror_pad",
    "mod",
    "mul_no_nan",
    "multiply",
    "ndtri",
    "negative",
    "next_after",
    "no_op",
    "non_max_suppression_v2",
    "non_max_suppression_v3",
    "non_max_suppression_v4",
    "non_max_suppression_v5",
    "not_equal",
    "one_hot",
    "ones_like",
    "pad",
    "pad_v2",
    "parallel_dynamic_stitch",
    "placeholder",
    "placeholder_with_default",
    "polygamma",
    "population_count",
    "positions_where",
    "pow",
    "prevent_gradient",
    "qr",
    "random_normal",
    "random_uniform",
    "range",
    "rank",
    "read_variable_op",
    "real",
    "reciprocal",
    "reciprocal_grad",
    "reduce_all",
    "reduce_any",
    "reduce_euclidean_norm",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "relu",
    "relu6",
    "relu6_grad",
    "relu_grad",
    "reshape",
    "resize_area",
    "resize_bicubic",
    "resize_bilinear",
    "resize_nearest_neighbor",
    "resource_apply_ada_max",
    "resource_apply_adadelta",
    "resource_apply_adagrad",
    "resource_apply_adagrad_v2",
    "resource_apply_adam",
    "resource_apply_centered_rms_prop",
    "resource_apply_ftrl",
    "resource_apply_gradient_descent",
    "resource_apply_keras_momentum",
    "resource_apply_momentum",
    "resource_apply_rms_prop",
    "resource_gather",
    "resource_gather_nd",
    "resource_scatter_add",
    "resource_scatter_sub",
    "resource_scatter_update",
    "restore_v2",
    "reverse",
    "reverse_sequence",
    "rfft",
    "rfft2d",
    "rfft3d",
    "rgb_to_hsv",
    "right_shift",
    "rint",
    "rms_norm",
    "roll",
    "round",
    "rsqrt",
    "rsqrt_grad",
    "save_v2",
    "scalar_summary",
    "scale_and_translate",
    "scatter_add",
    "scatter_nd",
    "scatter_sub",
    "scatter_update",
    "segment_max",
    "segment_mean",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "select",
    "self_adjoint_eig",
    "selu",
    "selu_grad",
    "shape",
    "shape_n",
    "sharded_filename",
    "sigmoid",
    "sigmoid_grad",
    "sign",
    "sin",
    "sinh",
    "size",
    "slice",
    "snapshot",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softplus_grad",
    "softsign",
    "softsign_grad",
    "space_to_batch",
    "space_to_batch_nd",
    "space_to_depth",
    "sparse_softmax_cross_entropy_with_logits",
    "split",
    "split_v",
    "sqrt",
    "sqrt_grad",
    "square",
    "squared_difference",
    "squeeze",
    "stack",
    "stop_gradient",
    "strided_slice",
    "strided_slice_grad",
    "string_join",
    "subtract",
    "svd",
    "tan",
    "tanh",
    "tanh_grad",
    "tensor_array_close_v3",
    "tensor_array_concat_v3",
    "tensor_array_gather_v3",
    "tensor_array_read_v3",
    "tensor_array_scatter_v3",
    "tensor_array_size_v3",
    "tensor_array_split_v3",
    "tensor_array_v3",
    "tensor_array_write_v3",
    "tensor_list_concat_v2",
    "tensor_list_element_shape",
    "tensor_list_from_tensor",
    "tensor_list_gather",
    "tensor_list_get_item",
    "tensor_list_length",
    "tensor_list_pop_back",
    "tensor_list_push_back",
    "tensor_list_reserve",
    "tensor_list_resize",
    "tensor_list_scatter",
    "tensor_list_scatter_into_existing_list",
    "tensor_list_scatter_v2",
    "tensor_list_set_item",
    "tensor_list_stack",
    "tensor_scatter_add",
    "tensor_scatter_max",
    "tensor_scatter_min",
    "tensor_scatter_sub",
    "tensor_scatter_update",
    "tensor_summary_v2",
    "tile",
    "top_k",
    "transpose",
    "truncated_normal",
    "truncatediv",
    "truncatemod",
    "unique",
    "unique_v2",
    "unique_with_counts",
    "unique_with_counts_v2",
    "unsorted_segment_max",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sum",
    "unstack",
    "update",
    "upper_bound",
    "var_handle_op",
    "var_is_initialized_op",
    "variable",
    "variable_shape",
    "where",
    "xdivy",
    "xlog1py",
    "xlogy",
    "zeros_like",
    "zeta",
]


def abs(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The absolute value elementwise.

    x: bfloat16, float16, float32, float64, int8, int16, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Abs
    """
    return apply("Abs", (x,), name=name)[0]


def acos(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The angle elementwise whose cosine is x, in radians from 0 to pi; NaN where |x| > 1.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Acos
    """
    return apply("Acos", (x,), name=name)[0]


def acosh(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The inverse of the hyperbolic cosine elementwise, at least 0; NaN where x < 1.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Acosh
    """
    return apply("Acosh", (x,), name=name)[0]


def add(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x + y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AddV2
    """
    return apply("AddV2", (x, y), name=name)[0]


def add_n(inputs: Sequence[TensorLike], *, name: str | None = None) -> Tensor:
    """The elementwise sum of tensors of one shape.

    inputs: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AddN
    """
    return apply("AddN", (inputs,), name=name)[0]


def add_v1(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x + y elementwise, under broadcasting (the older op).

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Add
    """
    return apply("Add", (x, y), name=name)[0]


def adjust_contrast(images: TensorLike, contrast_factor: TensorLike, *, name: str | None = None) -> Tensor:
    """(x - mean) * contrast_factor + mean, where the mean is that of each channel of each image `[..., height, width,
    channels]`.

    images: float16, float32.
    contrast_factor: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AdjustContrastv2
    """
    return apply("AdjustContrastv2", (images, contrast_factor), name=name)[0]


def adjust_hue(images: TensorLike, delta: TensorLike = 1, *, name: str | None = None) -> Tensor:
    """Images of red, green and blue whose hue is moved around its circle, by -1 to 1.

    images: float16, float32.
    delta: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AdjustHue
    """
    return apply("AdjustHue", (images, delta), name=name)[0]


def adjust_saturation(images: TensorLike, scale: TensorLike, *, name: str | None = None) -> Tensor:
    """Images of red, green and blue whose saturation is multiplied, up to 1.

    images: float16, float32.
    scale: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AdjustSaturation
    """
    return apply("AdjustSaturation", (images, scale), name=name)[0]


def angle(input: TensorLike, *, Tout: DTypeLike = "float32", name: str | None = None) -> Tensor:
    """The angle elementwise, in radians from -pi to pi.

    input: complex64, complex128.
    Tout: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Angle
    """
    attrs = {"Tout": Tout}
    return apply("Angle", (input,), attrs, name)[0]


def apply_ada_max(
    var: TensorLike,
    m: TensorLike,
    v: TensorLike,
    beta1_power: TensorLike,
    lr: TensorLike,
    beta1: TensorLike,
    beta2: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """m is a decaying average of grad, v = max(beta2 * v, |grad|); var -= lr / (1 - beta1_power) * m / (v + epsilon).

    var, m, v, beta1_power, lr, beta1, beta2, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16,
    uint16, int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyAdaMax
    """
    return apply("ApplyAdaMax", (var, m, v, beta1_power, lr, beta1, beta2, epsilon, grad), name=name)[0]


def apply_adadelta(
    var: TensorLike,
    accum: TensorLike,
    accum_update: TensorLike,
    lr: TensorLike,
    rho: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """var -= lr * update, update = grad * sqrt(accum_update + epsilon) / sqrt(accum + epsilon), where the two are
    decaying averages of grad^2 and update^2.

    var, accum, accum_update, lr, rho, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16,
    int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyAdadelta
    """
    return apply("ApplyAdadelta", (var, accum, accum_update, lr, rho, epsilon, grad), name=name)[0]


def apply_adagrad(
    var: TensorLike,
    accum: TensorLike,
    lr: TensorLike,
    grad: TensorLike,
    *,
    update_slots: bool = True,
    name: str | None = None,
) -> Tensor:
    """accum += grad^2; var -= lr * grad / sqrt(accum).

    var, accum, lr, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyAdagrad
    """
    attrs = {"update_slots": update_slots}
    return apply("ApplyAdagrad", (var, accum, lr, grad), attrs, name)[0]


def apply_adagrad_v2(
    var: TensorLike,
    accum: TensorLike,
    lr: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    update_slots: bool = True,
    name: str | None = None,
) -> Tensor:
    """accum += grad^2; var -= lr * grad / (sqrt(accum) + epsilon).

    var, accum, lr, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32,
    int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyAdagradV2
    """
    attrs = {"update_slots": update_slots}
    return apply("ApplyAdagradV2", (var, accum, lr, epsilon, grad), attrs, name)[0]


def apply_adam(
    var: TensorLike,
    m: TensorLike,
    v: TensorLike,
    beta1_power: TensorLike,
    beta2_power: TensorLike,
    lr: TensorLike,
    beta1: TensorLike,
    beta2: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    use_nesterov: bool = False,
    name: str | None = None,
) -> Tensor:
    """m and v are decaying averages of grad and grad^2; var -= lr * sqrt(1 - beta2_power) / (1 - beta1_power) * m /
    (sqrt(v) + epsilon).

    var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad: bfloat16, float16, float32, float64, int8,
    uint8, int16, uint16, int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyAdam
    """
    attrs = {"use_nesterov": use_nesterov}
    return apply("ApplyAdam", (var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad), attrs, name)[0]


def apply_centered_rms_prop(
    var: TensorLike,
    mg: TensorLike,
    ms: TensorLike,
    mom: TensorLike,
    lr: TensorLike,
    rho: TensorLike,
    momentum: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """RMSProp by the variance of the gradient: mg = rho * mg + (1 - rho) * grad, and ms - mg^2 in place of ms.

    var, mg, ms, mom, lr, rho, momentum, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16,
    int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyCenteredRMSProp
    """
    return apply("ApplyCenteredRMSProp", (var, mg, ms, mom, lr, rho, momentum, epsilon, grad), name=name)[0]


def apply_ftrl(
    var: TensorLike,
    accum: TensorLike,
    linear: TensorLike,
    grad: TensorLike,
    lr: TensorLike,
    l1: TensorLike,
    l2: TensorLike,
    lr_power: TensorLike,
    *,
    multiply_linear_by_lr: bool = False,
    name: str | None = None,
) -> Tensor:
    """Follow the regularised leader: the variable that minimises the sum of all gradients seen, with l1 and l2.

    var, accum, linear, grad, lr, l1, l2, lr_power: bfloat16, float16, float32, float64, int8, uint8, int16, uint16,
    int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyFtrl
    """
    attrs = {"multiply_linear_by_lr": multiply_linear_by_lr}
    return apply("ApplyFtrl", (var, accum, linear, grad, lr, l1, l2, lr_power), attrs, name)[0]


def apply_gradient_descent(
    var: TensorLike,
    alpha: TensorLike,
    delta: TensorLike = 1,
    *,
    name: str | None = None,
) -> Tensor:
    """var -= alpha * delta.

    var, alpha, delta: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyGradientDescent
    """
    return apply("ApplyGradientDescent", (var, alpha, delta), name=name)[0]


def apply_momentum(
    var: TensorLike,
    accum: TensorLike,
    lr: TensorLike,
    grad: TensorLike,
    momentum: TensorLike,
    *,
    use_nesterov: bool = False,
    name: str | None = None,
) -> Tensor:
    """accum = momentum * accum + grad; var -= lr * accum, which `use_nesterov` looks one step ahead of.

    var, accum, lr, grad, momentum: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32,
    int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyMomentum
    """
    attrs = {"use_nesterov": use_nesterov}
    return apply("ApplyMomentum", (var, accum, lr, grad, momentum), attrs, name)[0]


def apply_rms_prop(
    var: TensorLike,
    ms: TensorLike,
    mom: TensorLike,
    lr: TensorLike,
    rho: TensorLike,
    momentum: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """ms = rho * ms + (1 - rho) * grad^2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom.

    var, ms, mom, lr, rho, momentum, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16,
    int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApplyRMSProp
    """
    return apply("ApplyRMSProp", (var, ms, mom, lr, rho, momentum, epsilon, grad), name=name)[0]


def approximate_equal(
    x: TensorLike,
    y: TensorLike,
    *,
    tolerance: float = 9.999999747378752e-06,
    name: str | None = None,
) -> Tensor:
    """Whether |x - y| is at most the tolerance, elementwise, of tensors of one shape.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ApproximateEqual
    """
    attrs = {"tolerance": tolerance}
    return apply("ApproximateEqual", (x, y), attrs, name)[0]


def argmax(input: TensorLike, axis: TensorLike, *, output_type: DTypeLike = "int64", name: str | None = None) -> Tensor:
    """The position of the greatest element along an axis; the first of equal ones. int64 is int32 where JAX runs
    without 64-bit types.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool.
    axis: int16, int32, int64.
    output_type: int16, uint16, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ArgMax
    """
    attrs = {"output_type": output_type}
    return apply("ArgMax", (input, axis), attrs, name)[0]


def argmin(input: TensorLike, axis: TensorLike, *, output_type: DTypeLike = "int64", name: str | None = None) -> Tensor:
    """The position of the least element along an axis; the first of equal ones. int64 is int32 where JAX runs without
    64-bit types.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool.
    axis: int32, int64.
    output_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ArgMin
    """
    attrs = {"output_type": output_type}
    return apply("ArgMin", (input, axis), attrs, name)[0]


def as_string(
    input: TensorLike,
    *,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Tensor:
    """Each element as text, with `precision` digits behind the point, and of at least `width` characters. `fill` is a
    flag of C's printf: '0' fills up with zeros, '-' on the right, '+' and ' ' show the sign.

    input: float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64, complex64,
    complex128, bool, string.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AsString
    """
    attrs = {"precision": precision, "scientific": scientific, "shortest": shortest, "width": width, "fill": fill}
    return apply("AsString", (input,), attrs, name)[0]


def asin(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The angle elementwise whose sine is x, in radians from -pi/2 to pi/2; NaN where |x| > 1.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Asin
    """
    return apply("Asin", (x,), name=name)[0]


def asinh(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The inverse of the hyperbolic sine elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Asinh
    """
    return apply("Asinh", (x,), name=name)[0]


def assert_that(
    condition: TensorLike,
    data: Sequence[TensorLike],
    *,
    summarize: int = 3,
    name: str | None = None,
) -> Operation:
    """Fails the run when `condition` is false, showing the first `summarize` elements of each of `data`.

    condition: bool.
    data: of any types.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Assert
    """
    attrs = {"summarize": summarize}
    return operation("Assert", (condition, data), attrs, name)


def assign(ref: TensorLike, value: TensorLike, *, validate_shape: bool = True, name: str | None = None) -> Tensor:
    """Gives the variable `ref` the value `value`, and returns it.

    ref, value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Assign
    """
    attrs = {"validate_shape": validate_shape}
    return apply("Assign", (ref, value), attrs, name)[0]


def assign_add(ref: TensorLike, value: TensorLike, *, name: str | None = None) -> Tensor:
    """Adds `value` to the variable `ref`, and returns the new value.

    ref, value: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AssignAdd
    """
    return apply("AssignAdd", (ref, value), name=name)[0]


def assign_add_variable_op(resource: TensorLike, value: TensorLike, *, name: str | None = None) -> Operation:
    """Adds `value` to a variable. What stands unordered to it sees the value before the run.

    resource: resource.
    value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AssignAddVariableOp
    """
    return operation("AssignAddVariableOp", (resource, value), name=name)


def assign_sub(ref: TensorLike, value: TensorLike, *, name: str | None = None) -> Tensor:
    """Subtracts `value` from the variable `ref`, and returns the new value.

    ref, value: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AssignSub
    """
    return apply("AssignSub", (ref, value), name=name)[0]


def assign_sub_variable_op(resource: TensorLike, value: TensorLike, *, name: str | None = None) -> Operation:
    """Subtracts `value` from a variable. What stands unordered to it sees the value before the run.

    resource: resource.
    value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AssignSubVariableOp
    """
    return operation("AssignSubVariableOp", (resource, value), name=name)


def assign_variable_op(
    resource: TensorLike,
    value: TensorLike,
    *,
    validate_shape: bool = False,
    name: str | None = None,
) -> Operation:
    """Gives a variable the value `value`.

    resource: resource.
    value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AssignVariableOp
    """
    attrs = {"validate_shape": validate_shape}
    return operation("AssignVariableOp", (resource, value), attrs, name)


def atan(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The angle elementwise whose tangent is x, in radians from -pi/2 to pi/2.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Atan
    """
    return apply("Atan", (x,), name=name)[0]


def atan2(y: TensorLike, x: TensorLike, *, name: str | None = None) -> Tensor:
    """The angle elementwise of the point (x, y), in radians from -pi to pi, under broadcasting.

    y, x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Atan2
    """
    return apply("Atan2", (y, x), name=name)[0]


def atanh(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The inverse of the hyperbolic tangent elementwise; NaN where |x| > 1.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Atanh
    """
    return apply("Atanh", (x,), name=name)[0]


def attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    bias: Sequence[TensorLike],
    factor: Sequence[TensorLike],
    scale: float,
    *,
    causal: bool = False,
    name: str | None = None,
) -> Tensor:
    """factor * softmax(scale * query key' + bias) value, in each head by itself: query [batch, time, heads, depth], key
    and value [batch, other time, heads, depth]; each bias and factor is broadcast to [batch, heads, time, other
    time]. When `causal`, an element reads only those up to its own place. Vaswani et al., NeurIPS 2017.

    query, key, value, bias, factor: bfloat16, float16, float32, float64.
    """
    attrs = {"scale": scale, "causal": causal}
    return apply("Attention", (query, key, value, bias, factor), attrs, name)[0]


def avg_pool(
    value: TensorLike,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    *,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window, of the elements inside the image only.

    value: bfloat16, float16, float32, float64.
    padding: SAME, VALID.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AvgPool
    """
    attrs = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
    return apply("AvgPool", (value,), attrs, name)[0]


def avg_pool3_d(
    input: TensorLike,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    *,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window of a volume, of the elements inside it only.

    input: bfloat16, float16, float32, float64.
    padding: SAME, VALID.
    data_format: NDHWC, NCDHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AvgPool3D
    """
    attrs = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
    return apply("AvgPool3D", (input,), attrs, name)[0]


def avg_pool_grad(
    orig_input_shape: TensorLike,
    grad: TensorLike,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    *,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The gradient of AvgPool for images of shape orig_input_shape.

    orig_input_shape: int32.
    grad: bfloat16, float16, float32, float64.
    padding: SAME, VALID.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AvgPoolGrad
    """
    attrs = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
    return apply("AvgPoolGrad", (orig_input_shape, grad), attrs, name)[0]


def batch_matmul(
    x: TensorLike,
    y: TensorLike,
    *,
    adj_x: bool = False,
    adj_y: bool = False,
    name: str | None = None,
) -> Tensor:
    """Products of the matrices in the last two axes, either of which may be transposed and conjugated first; the other
    axes broadcast.

    x, y: bfloat16, float16, float32, float64, int16, int32, int64, uint8, uint16, uint32, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BatchMatMulV2
    """
    attrs = {"adj_x": adj_x, "adj_y": adj_y}
    return apply("BatchMatMulV2", (x, y), attrs, name)[0]


def batch_matmul_v1(
    x: TensorLike,
    y: TensorLike,
    *,
    adj_x: bool = False,
    adj_y: bool = False,
    name: str | None = None,
) -> Tensor:
    """Products of the matrices in the last two axes, either of which may be transposed and conjugated first; the other
    axes are equal (the older op).

    x, y: bfloat16, float16, float32, float64, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BatchMatMul
    """
    attrs = {"adj_x": adj_x, "adj_y": adj_y}
    return apply("BatchMatMul", (x, y), attrs, name)[0]


def batch_matmul_v3(
    x: TensorLike,
    y: TensorLike,
    Tout: DTypeLike,
    *,
    adj_x: bool = False,
    adj_y: bool = False,
    name: str | None = None,
) -> Tensor:
    """Products of the matrices in the last two axes, either of which may be transposed and conjugated first, computed
    in the type `Tout`; the other axes broadcast.

    x, y: bfloat16, float16, float32, float64, uint8, int8, int16, int32, int64, complex64, complex128.
    Tout: bfloat16, float16, float32, float64, int16, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BatchMatMulV3
    """
    attrs = {"Tout": Tout, "adj_x": adj_x, "adj_y": adj_y}
    return apply("BatchMatMulV3", (x, y), attrs, name)[0]


def batch_to_space(input: TensorLike, crops: TensorLike, block_size: int, *, name: str | None = None) -> Tensor:
    """The entries of the batch become blocks again, the inverse of SpaceToBatch (the older op).

    input: any type.
    crops: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BatchToSpace
    """
    attrs = {"block_size": block_size}
    return apply("BatchToSpace", (input, crops), attrs, name)[0]


def batch_to_space_nd(
    input: TensorLike,
    block_shape: TensorLike,
    crops: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The entries of the batch become blocks again, the inverse of SpaceToBatchND. crops: [axes of a block, 2], what is
    taken away afterwards.

    input: any type.
    block_shape, crops: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BatchToSpaceND
    """
    return apply("BatchToSpaceND", (input, block_shape, crops), name=name)[0]


def bessel_i0e(x: TensorLike, *, name: str | None = None) -> Tensor:
    """exp(-|x|) times the modified Bessel function of the first kind and order 0, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BesselI0e
    """
    return apply("BesselI0e", (x,), name=name)[0]


def bessel_i1e(x: TensorLike, *, name: str | None = None) -> Tensor:
    """exp(-|x|) times the modified Bessel function of the first kind and order 1, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BesselI1e
    """
    return apply("BesselI1e", (x,), name=name)[0]


def betainc(a: TensorLike, b: TensorLike, x: TensorLike, *, name: str | None = None) -> Tensor:
    """The regularized incomplete beta function I_x(a, b) elementwise; the tensors have one shape, or none. It has a
    gradient for x alone.

    a, b, x: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Betainc
    """
    return apply("Betainc", (a, b, x), name=name)[0]


def bias_add(value: TensorLike, bias: TensorLike, *, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Adds a vector along the channels: the last axis, or axis 1 when `data_format` is NCHW.

    value, bias: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BiasAdd
    """
    attrs = {"data_format": data_format}
    return apply("BiasAdd", (value, bias), attrs, name)[0]


def bias_add_grad(out_backprop: TensorLike, *, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """The gradient of BiasAdd for its bias: the sum over every axis but that of the channels.

    out_backprop: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BiasAddGrad
    """
    attrs = {"data_format": data_format}
    return apply("BiasAddGrad", (out_backprop,), attrs, name)[0]


def bincount(arr: TensorLike, size: TensorLike, weights: TensorLike, *, name: str | None = None) -> Tensor:
    """How often each of the numbers below `size` occurs, or the sum of `weights` where these are not empty. Values of
    `size` and more, and negative ones, are left out.

    arr, size: int32.
    weights: int32, int64, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Bincount
    """
    return apply("Bincount", (arr, size, weights), name=name)[0]


def bitcast(input: TensorLike, type: DTypeLike, *, name: str | None = None) -> Tensor:
    """The same bytes as numbers of another type. Elements that become several get an axis for them behind the others,
    and where several become one that axis goes. No gradient passes through.

    input: bfloat16, float16, float32, float64, int64, int32, uint8, uint16, uint32, uint64, int8, int16, complex64,
    complex128.
    type: bfloat16, float16, float32, float64, int64, int32, uint8, uint16, uint32, uint64, int8, int16, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Bitcast
    """
    attrs = {"type": type}
    return apply("Bitcast", (input,), attrs, name)[0]


def bitwise_and(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """The bits that are set in both x and y, elementwise, under broadcasting.

    x, y: int8, int16, int32, int64, uint8, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BitwiseAnd
    """
    return apply("BitwiseAnd", (x, y), name=name)[0]


def bitwise_or(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """The bits that are set in x, in y, or in both, elementwise, under broadcasting.

    x, y: int8, int16, int32, int64, uint8, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BitwiseOr
    """
    return apply("BitwiseOr", (x, y), name=name)[0]


def bitwise_xor(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """The bits that are set in one of x and y alone, elementwise, under broadcasting.

    x, y: int8, int16, int32, int64, uint8, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BitwiseXor
    """
    return apply("BitwiseXor", (x, y), name=name)[0]


def broadcast_args(s0: TensorLike, s1: TensorLike, *, name: str | None = None) -> Tensor:
    """The shape that tensors of the shapes s0 and s1 broadcast to.

    s0, s1: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BroadcastArgs
    """
    return apply("BroadcastArgs", (s0, s1), name=name)[0]


class BroadcastGradientArgsOutputs(NamedTuple):
    """The outputs of BroadcastGradientArgs."""

    r0: Tensor
    r1: Tensor


def broadcast_gradient_args(s0: TensorLike, s1: TensorLike, *, name: str | None = None) -> BroadcastGradientArgsOutputs:
    """The axes over which the gradient of an operation is summed up for either of its inputs, when these have the
    shapes s0 and s1 and broadcast.

    s0, s1: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BroadcastGradientArgs
    """
    outputs = apply("BroadcastGradientArgs", (s0, s1), name=name)
    return BroadcastGradientArgsOutputs(*outputs)


def broadcast_to(input: TensorLike, shape: TensorLike, *, name: str | None = None) -> Tensor:
    """Repeats the tensor along axes of size 1, and along new ones in front, up to a shape.

    input: any type.
    shape: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/BroadcastTo
    """
    return apply("BroadcastTo", (input, shape), name=name)[0]


def bucketize(input: TensorLike, boundaries: Sequence[float], *, name: str | None = None) -> Tensor:
    """How many of the sorted `boundaries` are at most each value: the number of the bucket that it falls into.

    input: int32, int64, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Bucketize
    """
    attrs = {"boundaries": boundaries}
    return apply("Bucketize", (input,), attrs, name)[0]


def cast(x: TensorLike, dtype: DTypeLike, *, name: str | None = None) -> Tensor:
    """x in another element type: a fraction is cut off when it becomes an integer, and what is not 0 is True.

    x: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Cast
    """
    attrs = {"DstT": dtype}
    return apply("Cast", (x,), attrs, name)[0]


def ceil(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The least integer not below x, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Ceil
    """
    return apply("Ceil", (x,), name=name)[0]


def check_numerics(tensor: TensorLike, message: str, *, name: str | None = None) -> Tensor:
    """The input as it is; the run fails where it holds a NaN or an infinity.

    tensor: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/CheckNumerics
    """
    attrs = {"message": message}
    return apply("CheckNumerics", (tensor,), attrs, name)[0]


def check_numerics_v2(tensor: TensorLike, message: str, *, name: str | None = None) -> Tensor:
    """The input as it is; the run fails where it holds a NaN or an infinity, in later graphs.

    tensor: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/CheckNumericsV2
    """
    attrs = {"message": message}
    return apply("CheckNumericsV2", (tensor,), attrs, name)[0]


def cholesky(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The lower triangular matrices whose products with their conjugate transposes are the given ones, which must be
    positive definite; only their lower triangles are read. Where TensorFlow raises, as there is none, it holds NaN.

    input: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Cholesky
    """
    return apply("Cholesky", (input,), name=name)[0]


def clip_by_value(
    t: TensorLike,
    clip_value_min: TensorLike,
    clip_value_max: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """t elementwise, where it is less than the minimum that, and where it is more than the maximum that. Where they are
    equal, t has the gradient.

    t, clip_value_min, clip_value_max: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32,
    int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ClipByValue
    """
    return apply("ClipByValue", (t, clip_value_min, clip_value_max), name=name)[0]


class CombinedNonMaxSuppressionOutputs(NamedTuple):
    """The outputs of CombinedNonMaxSuppression."""

    nmsed_boxes: Tensor
    nmsed_scores: Tensor
    nmsed_classes: Tensor
    valid_detections: Tensor


def combined_non_max_suppression(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size_per_class: TensorLike,
    max_total_size: TensorLike,
    iou_threshold: TensorLike,
    score_threshold: TensorLike,
    *,
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> CombinedNonMaxSuppressionOutputs:
    """NonMaxSuppression of each image of a batch and each class by itself, and the best of all classes together. boxes:
    [batch, boxes, classes or 1, 4]; scores: [batch, boxes, classes]. Zeros follow what is left; `valid_detections`
    says how many that is, `clip_boxes` that boxes are cut to [0, 1].

    boxes, scores, iou_threshold, score_threshold: float32.
    max_output_size_per_class, max_total_size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/CombinedNonMaxSuppression
    """
    attrs = {"pad_per_class": pad_per_class, "clip_boxes": clip_boxes}
    outputs = apply("CombinedNonMaxSuppression", (boxes, scores, max_output_size_per_class, max_total_size, iou_threshold, score_threshold), attrs, name)
    return CombinedNonMaxSuppressionOutputs(*outputs)


def complex(real: TensorLike, imag: TensorLike, *, Tout: DTypeLike = "complex64", name: str | None = None) -> Tensor:
    """real + imag * i elementwise, under broadcasting.

    real, imag: float32, float64.
    Tout: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Complex
    """
    attrs = {"Tout": Tout}
    return apply("Complex", (real, imag), attrs, name)[0]


def complex_abs(x: TensorLike, *, Tout: DTypeLike = "float32", name: str | None = None) -> Tensor:
    """The absolute value elementwise. Its gradient at 0 is 0.

    x: complex64, complex128.
    Tout: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ComplexAbs
    """
    attrs = {"Tout": Tout}
    return apply("ComplexAbs", (x,), attrs, name)[0]


def concat(values: Sequence[TensorLike], axis: TensorLike, *, name: str | None = None) -> Tensor:
    """Joins tensors along an axis; their other dimensions must be equal.

    values: of one type.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ConcatV2
    """
    return apply("ConcatV2", (values, axis), name=name)[0]


def concat_offset(axis: TensorLike, shape: Sequence[TensorLike], *, name: str | None = None) -> tuple[Tensor, ...]:
    """Where the parts of a concatenation along axis `concat_dim` begin, for parts of these shapes.

    axis: int32.
    shape: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ConcatOffset
    """
    return apply("ConcatOffset", (axis, shape), name=name)


def concat_v1(axis: TensorLike, values: Sequence[TensorLike], *, name: str | None = None) -> Tensor:
    """Joins tensors along an axis; their other dimensions must be equal (the older op).

    axis: int32.
    values: of one type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Concat
    """
    return apply("Concat", (axis, values), name=name)[0]


def conj(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The complex conjugate elementwise.

    input: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conj
    """
    return apply("Conj", (input,), name=name)[0]


def conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The cross-correlation of images with filters [height, width, channels of a group, filters]. Channels are grouped
    when the filter reads fewer than the input has.

    input, filter: float16, bfloat16, float32, float64, int32.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv2D
    """
    attrs = {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
        "dilations": dilations,
    }
    return apply("Conv2D", (input, filter), attrs, name)[0]


def conv2d_backprop_filter(
    input: TensorLike,
    filter_sizes: TensorLike,
    out_backprop: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of Conv2D for its filter, whose shape is filter_sizes.

    input, out_backprop: bfloat16, float16, float32, float64.
    filter_sizes: int32.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv2DBackpropFilter
    """
    attrs = {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
        "dilations": dilations,
    }
    return apply("Conv2DBackpropFilter", (input, filter_sizes, out_backprop), attrs, name)[0]


def conv2d_backprop_input(
    input_sizes: TensorLike,
    filter: TensorLike,
    out_backprop: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The transposed convolution: the gradient of a convolution with respect to its images, whose shape (or height and
    width) is input_sizes.

    input_sizes: int32.
    filter, out_backprop: float16, bfloat16, float32, float64, int32.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv2DBackpropInput
    """
    attrs = {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
        "dilations": dilations,
    }
    return apply("Conv2DBackpropInput", (input_sizes, filter, out_backprop), attrs, name)[0]


def conv3d(
    input: TensorLike,
    filter: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = (1, 1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The cross-correlation of volumes with filters [depth, height, width, channels of a group, filters].

    input, filter: float16, bfloat16, float32, float64.
    padding: SAME, VALID.
    data_format: NDHWC, NCDHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv3D
    """
    attrs = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    return apply("Conv3D", (input, filter), attrs, name)[0]


def conv3d_backprop_input(
    input_sizes: TensorLike,
    filter: TensorLike,
    out_backprop: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    data_format: str = "NDHWC",
    dilations: Sequence[int] = (1, 1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The transposed convolution of volumes: the gradient of a convolution with respect to its input, whose shape is
    input_sizes.

    input_sizes: int32, int64.
    filter, out_backprop: float16, bfloat16, float32, float64.
    padding: SAME, VALID.
    data_format: NDHWC, NCDHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv3DBackpropInputV2
    """
    attrs = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    return apply("Conv3DBackpropInputV2", (input_sizes, filter, out_backprop), attrs, name)[0]


def cos(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The cosine elementwise, of radians.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Cos
    """
    return apply("Cos", (x,), name=name)[0]


def cosh(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The hyperbolic cosine elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Cosh
    """
    return apply("Cosh", (x,), name=name)[0]


def crop_and_resize(
    image: TensorLike,
    boxes: TensorLike,
    box_ind: TensorLike,
    crop_size: TensorLike,
    *,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
    name: str | None = None,
) -> Tensor:
    """Parts of images in one size. boxes: [boxes, 4] as [y1, x1, y2, x2] from 0 to 1 in the image that `box_ind` names;
    what lies outside is `extrapolation_value`.

    image: uint8, uint16, int8, int16, int32, int64, float16, float32, float64.
    boxes: float32.
    box_ind, crop_size: int32.
    method: bilinear, nearest.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/CropAndResize
    """
    attrs = {"method": method, "extrapolation_value": extrapolation_value}
    return apply("CropAndResize", (image, boxes, box_ind, crop_size), attrs, name)[0]


def cross(a: TensorLike, b: TensorLike, *, name: str | None = None) -> Tensor:
    """The cross products of the vectors of three numbers in the last axis.

    a, b: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Cross
    """
    return apply("Cross", (a, b), name=name)[0]


def cumprod(
    x: TensorLike,
    axis: TensorLike,
    *,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product (whose gradient is right also of elements that are 0) of all elements up to each along an axis: with
    `exclusive` without itself, with `reverse` from the end.

    x: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Cumprod
    """
    attrs = {"exclusive": exclusive, "reverse": reverse}
    return apply("Cumprod", (x, axis), attrs, name)[0]


def cumsum(
    x: TensorLike,
    axis: TensorLike,
    *,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The sum of all elements up to each along an axis: with `exclusive` without itself, with `reverse` from the end.

    x: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Cumsum
    """
    attrs = {"exclusive": exclusive, "reverse": reverse}
    return apply("Cumsum", (x, axis), attrs, name)[0]


def cumulative_logsumexp(
    x: TensorLike,
    axis: TensorLike,
    *,
    exclusive: bool = False,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The logarithm of the sum of the exponentials (minus infinity where there are none) of all elements up to each
    along an axis: with `exclusive` without itself, with `reverse` from the end.

    x: bfloat16, float16, float32, float64.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/CumulativeLogsumexp
    """
    attrs = {"exclusive": exclusive, "reverse": reverse}
    return apply("CumulativeLogsumexp", (x, axis), attrs, name)[0]


def dense_bincount(
    input: TensorLike,
    size: TensorLike,
    weights: TensorLike,
    *,
    binary_output: bool = False,
    name: str | None = None,
) -> Tensor:
    """How often each of the numbers below `size` occurs in a vector or in each row of a matrix, or the sum of `weights`
    where these are not empty. Values of `size` and more, and negative ones, are left out. With `binary_output`, 1
    for those that occur.

    input, size: int32, int64.
    weights: int32, int64, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DenseBincount
    """
    attrs = {"binary_output": binary_output}
    return apply("DenseBincount", (input, size, weights), attrs, name)[0]


def depth_to_space(input: TensorLike, block_size: int, *, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Images in which each pixel is a block of block_size x block_size pixels with as many times fewer channels: the
    inverse of SpaceToDepth.

    input: any type.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DepthToSpace
    """
    attrs = {"block_size": block_size, "data_format": data_format}
    return apply("DepthToSpace", (input,), attrs, name)[0]


def depthwise_conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The cross-correlation of each channel of images with filters of its own [height, width, channels, filters of a
    channel]; what comes of one channel lies side by side.

    input, filter: float16, bfloat16, float32, float64.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DepthwiseConv2dNative
    """
    attrs = {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
        "dilations": dilations,
    }
    return apply("DepthwiseConv2dNative", (input, filter), attrs, name)[0]


def depthwise_conv2d_backprop_filter(
    input: TensorLike,
    filter_sizes: TensorLike,
    out_backprop: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of DepthwiseConv2dNative for its filter, whose shape is filter_sizes.

    input, out_backprop: bfloat16, float16, float32, float64.
    filter_sizes: int32.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DepthwiseConv2dNativeBackpropFilter
    """
    attrs = {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
        "dilations": dilations,
    }
    return apply("DepthwiseConv2dNativeBackpropFilter", (input, filter_sizes, out_backprop), attrs, name)[0]


def depthwise_conv2d_backprop_input(
    input_sizes: TensorLike,
    filter: TensorLike,
    out_backprop: TensorLike,
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Sequence[int] = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of DepthwiseConv2dNative for its images, whose shape is input_sizes.

    input_sizes: int32.
    filter, out_backprop: bfloat16, float16, float32, float64.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DepthwiseConv2dNativeBackpropInput
    """
    attrs = {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
        "dilations": dilations,
    }
    return apply("DepthwiseConv2dNativeBackpropInput", (input_sizes, filter, out_backprop), attrs, name)[0]


def diag(diagonal: TensorLike, *, name: str | None = None) -> Tensor:
    """A tensor of twice the rank with the elements where both halves of a position are equal, and zeros elsewhere.

    diagonal: bfloat16, float16, float32, float64, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Diag
    """
    return apply("Diag", (diagonal,), name=name)[0]


def diag_part(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The elements of a tensor at positions of which both halves are equal, as a tensor of half the rank.

    input: bfloat16, float16, float32, float64, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DiagPart
    """
    return apply("DiagPart", (input,), name=name)[0]


def digamma(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The derivative of Lgamma elementwise; NaN at the poles 0, -1, -2, ...

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Digamma
    """
    return apply("Digamma", (x,), name=name)[0]


def div(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x / y elementwise, under broadcasting; integers are rounded towards zero. An integer divided by zero is no error,
    but its value means nothing.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Div
    """
    return apply("Div", (x, y), name=name)[0]


def div_no_nan(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x / y elementwise, under broadcasting, and 0 where y is 0.

    x, y: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DivNoNan
    """
    return apply("DivNoNan", (x, y), name=name)[0]


def divide(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x / y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RealDiv
    """
    return apply("RealDiv", (x, y), name=name)[0]


def dynamic_partition(
    data: TensorLike,
    partitions: TensorLike,
    num_partitions: int,
    *,
    name: str | None = None,
) -> tuple[Tensor, ...]:
    """The parts of `data` that each number below `num_partitions` stands for: `partitions` holds the number of each
    part, for the first axes of `data`. Where `partitions` is computed, the op runs by itself, outside of compiled
    programs.

    data: any type.
    partitions: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DynamicPartition
    """
    attrs = {"num_partitions": num_partitions}
    return apply("DynamicPartition", (data, partitions), attrs, name)


def dynamic_stitch(indices: Sequence[TensorLike], data: Sequence[TensorLike], *, name: str | None = None) -> Tensor:
    """The parts of several tensors at the positions that their indices hold; of several parts with one position the
    last is taken, and a row without any is zero. There are as many rows as the greatest position says: where it is
    computed, the op runs by itself, outside of compiled programs.

    indices: int32.
    data: of one type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DynamicStitch
    """
    return apply("DynamicStitch", (indices, data), name=name)[0]


def einsum(inputs: Sequence[TensorLike], equation: str, *, name: str | None = None) -> Tensor:
    """The product of one or two tensors, summed over the axes that the equation leaves out of the output:
    'bij,bjk->bik' multiplies matrices in a batch. A letter twice in one term is a diagonal.

    inputs: of one type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Einsum
    """
    attrs = {"equation": equation}
    return apply("Einsum", (inputs,), attrs, name)[0]


def elu(features: TensorLike, *, name: str | None = None) -> Tensor:
    """x where x > 0 and exp(x) - 1 elsewhere. Clevert et al., ICLR 2016.

    features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Elu
    """
    return apply("Elu", (features,), name=name)[0]


def elu_grad(gradients: TensorLike, outputs: TensorLike, *, name: str | None = None) -> Tensor:
    """`gradients` times the slope of Elu where it gave `outputs`.

    gradients, outputs: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/EluGrad
    """
    return apply("EluGrad", (gradients, outputs), name=name)[0]


def empty_tensor_list(
    element_shape: TensorLike,
    max_num_elements: TensorLike,
    element_dtype: DTypeLike,
    *,
    name: str | None = None,
) -> Tensor:
    """A list of no elements; `element_shape` may hold -1 for what is not known.

    element_shape: int32, int64.
    max_num_elements: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/EmptyTensorList
    """
    attrs = {"element_dtype": element_dtype}
    return apply("EmptyTensorList", (element_shape, max_num_elements), attrs, name)[0]


def ensure_shape(input: TensorLike, shape: Sequence[int | None] | None, *, name: str | None = None) -> Tensor:
    """The input as it is, which must have this shape; None stands for any size.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/EnsureShape
    """
    attrs = {"shape": shape}
    return apply("EnsureShape", (input,), attrs, name)[0]


def equal(x: TensorLike, y: TensorLike, *, incompatible_shape_error: bool = True, name: str | None = None) -> Tensor:
    """x == y elementwise, under broadcasting. When `incompatible_shape_error` is False and the shapes do not broadcast,
    the result is the scalar False.

    x, y: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Equal
    """
    attrs = {"incompatible_shape_error": incompatible_shape_error}
    return apply("Equal", (x, y), attrs, name)[0]


def erf(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The Gauss error function elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Erf
    """
    return apply("Erf", (x,), name=name)[0]


def erfc(x: TensorLike, *, name: str | None = None) -> Tensor:
    """1 - erf(x) elementwise, exact for large x.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Erfc
    """
    return apply("Erfc", (x,), name=name)[0]


def erfinv(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The inverse of the Gauss error function elementwise; NaN where |x| > 1.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Erfinv
    """
    return apply("Erfinv", (x,), name=name)[0]


def exp(x: TensorLike, *, name: str | None = None) -> Tensor:
    """e to the power of x elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Exp
    """
    return apply("Exp", (x,), name=name)[0]


def expand_dims(input: TensorLike, axis: TensorLike, *, name: str | None = None) -> Tensor:
    """Puts an axis of size 1 at position `axis`; a negative one counts from behind the last axis.

    input: any type.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ExpandDims
    """
    return apply("ExpandDims", (input, axis), name=name)[0]


def expm1(x: TensorLike, *, name: str | None = None) -> Tensor:
    """exp(x) - 1 elementwise, exact for small x.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Expm1
    """
    return apply("Expm1", (x,), name=name)[0]


def extract_image_patches(
    images: TensorLike,
    ksizes: Sequence[int],
    strides: Sequence[int],
    rates: Sequence[int],
    padding: str,
    *,
    name: str | None = None,
) -> Tensor:
    """The window around each position as channels: [batch, rows, columns, ksize rows * ksize columns * channels].

    images: bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, complex64,
    complex128, bool.
    padding: SAME, VALID.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ExtractImagePatches
    """
    attrs = {"ksizes": ksizes, "strides": strides, "rates": rates, "padding": padding}
    return apply("ExtractImagePatches", (images,), attrs, name)[0]


def fft(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The discrete Fourier transform over the last axis.

    input: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FFT
    """
    return apply("FFT", (input,), name=name)[0]


def fft2d(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The discrete Fourier transform over the last two axes.

    input: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FFT2D
    """
    return apply("FFT2D", (input,), name=name)[0]


def fft3d(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The discrete Fourier transform over the last three axes.

    input: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FFT3D
    """
    return apply("FFT3D", (input,), name=name)[0]


def fill(dims: TensorLike, value: TensorLike, *, name: str | None = None) -> Tensor:
    """A tensor of shape `dims` in which every element is `value`.

    dims: int32, int64.
    value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Fill
    """
    return apply("Fill", (dims, value), name=name)[0]


def floor(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The greatest integer not above x, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Floor
    """
    return apply("Floor", (x,), name=name)[0]


def floordiv(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x / y elementwise, rounded down. An integer divided by zero is no error, but its value means nothing.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FloorDiv
    """
    return apply("FloorDiv", (x, y), name=name)[0]


def floormod(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """What x / y rounded down leaves over, with the sign of y, so that floordiv(x, y) * y + floormod(x, y) is x.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FloorMod
    """
    return apply("FloorMod", (x, y), name=name)[0]


class FusedBatchNormV3Outputs(NamedTuple):
    """The outputs of FusedBatchNormV3."""

    y: Tensor
    batch_mean: Tensor
    batch_variance: Tensor
    reserve_space_1: Tensor
    reserve_space_2: Tensor
    reserve_space_3: Tensor


def fused_batch_norm(
    x: TensorLike,
    scale: TensorLike,
    offset: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    *,
    epsilon: float = 9.999999747378752e-05,
    exponential_avg_factor: float = 1.0,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> FusedBatchNormV3Outputs:
    """scale * (x - mean) / sqrt(variance + epsilon) + offset for each channel: by the batch's own statistics when
    `is_training`, else by those given. `batch_variance` is unbiased (divided by n - 1); with a factor below 1,
    `batch_mean` and `batch_variance` are mixed into those given. `reserve_space_1` and `reserve_space_2` are the
    mean and the biased variance that y was made with; `reserve_space_3` is 0.

    x: float16, bfloat16, float32.
    scale, offset, mean, variance: bfloat16, float32.
    data_format: NHWC, NCHW, NDHWC, NCDHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormV3
    """
    attrs = {
        "epsilon": epsilon,
        "exponential_avg_factor": exponential_avg_factor,
        "data_format": data_format,
        "is_training": is_training,
    }
    outputs = apply("FusedBatchNormV3", (x, scale, offset, mean, variance), attrs, name)
    return FusedBatchNormV3Outputs(*outputs)


class FusedBatchNormGradV3Outputs(NamedTuple):
    """The outputs of FusedBatchNormGradV3."""

    x_backprop: Tensor
    scale_backprop: Tensor
    offset_backprop: Tensor
    reserve_space_4: Tensor
    reserve_space_5: Tensor


def fused_batch_norm_grad(
    y_backprop: TensorLike,
    x: TensorLike,
    scale: TensorLike,
    reserve_space_1: TensorLike,
    reserve_space_2: TensorLike,
    reserve_space_3: TensorLike,
    *,
    epsilon: float = 9.999999747378752e-05,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> FusedBatchNormGradV3Outputs:
    """The gradients of a batch normalisation for its input, scale and offset. The first two reserved spaces are the
    mean and the biased variance that it was made with; those that come out are empty.

    y_backprop, x: float16, bfloat16, float32.
    scale, reserve_space_1, reserve_space_2, reserve_space_3: float32.
    data_format: NHWC, NCHW, NDHWC, NCDHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormGradV3
    """
    attrs = {"epsilon": epsilon, "data_format": data_format, "is_training": is_training}
    outputs = apply("FusedBatchNormGradV3", (y_backprop, x, scale, reserve_space_1, reserve_space_2, reserve_space_3), attrs, name)
    return FusedBatchNormGradV3Outputs(*outputs)


class FusedBatchNormGradOutputs(NamedTuple):
    """The outputs of FusedBatchNormGrad."""

    x_backprop: Tensor
    scale_backprop: Tensor
    offset_backprop: Tensor
    reserve_space_3: Tensor
    reserve_space_4: Tensor


def fused_batch_norm_grad_v1(
    y_backprop: TensorLike,
    x: TensorLike,
    scale: TensorLike,
    reserve_space_1: TensorLike,
    reserve_space_2: TensorLike,
    *,
    epsilon: float = 9.999999747378752e-05,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> FusedBatchNormGradOutputs:
    """The gradients of a batch normalisation for its input, scale and offset. The first two reserved spaces are the
    mean and the biased variance that it was made with; those that come out are empty.

    y_backprop, x, scale, reserve_space_1, reserve_space_2: float32.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormGrad
    """
    attrs = {"epsilon": epsilon, "data_format": data_format, "is_training": is_training}
    outputs = apply("FusedBatchNormGrad", (y_backprop, x, scale, reserve_space_1, reserve_space_2), attrs, name)
    return FusedBatchNormGradOutputs(*outputs)


class FusedBatchNormGradV2Outputs(NamedTuple):
    """The outputs of FusedBatchNormGradV2."""

    x_backprop: Tensor
    scale_backprop: Tensor
    offset_backprop: Tensor
    reserve_space_3: Tensor
    reserve_space_4: Tensor


def fused_batch_norm_grad_v2(
    y_backprop: TensorLike,
    x: TensorLike,
    scale: TensorLike,
    reserve_space_1: TensorLike,
    reserve_space_2: TensorLike,
    *,
    epsilon: float = 9.999999747378752e-05,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> FusedBatchNormGradV2Outputs:
    """The gradients of a batch normalisation for its input, scale and offset. The first two reserved spaces are the
    mean and the biased variance that it was made with; those that come out are empty.

    y_backprop, x: float16, bfloat16, float32.
    scale, reserve_space_1, reserve_space_2: float32.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormGradV2
    """
    attrs = {"epsilon": epsilon, "data_format": data_format, "is_training": is_training}
    outputs = apply("FusedBatchNormGradV2", (y_backprop, x, scale, reserve_space_1, reserve_space_2), attrs, name)
    return FusedBatchNormGradV2Outputs(*outputs)


class FusedBatchNormOutputs(NamedTuple):
    """The outputs of FusedBatchNorm."""

    y: Tensor
    batch_mean: Tensor
    batch_variance: Tensor
    reserve_space_1: Tensor
    reserve_space_2: Tensor


def fused_batch_norm_v1(
    x: TensorLike,
    scale: TensorLike,
    offset: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    *,
    epsilon: float = 9.999999747378752e-05,
    exponential_avg_factor: float = 1.0,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> FusedBatchNormOutputs:
    """As FusedBatchNormV3 (the oldest op).

    x, scale, offset, mean, variance: float32.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNorm
    """
    attrs = {
        "epsilon": epsilon,
        "exponential_avg_factor": exponential_avg_factor,
        "data_format": data_format,
        "is_training": is_training,
    }
    outputs = apply("FusedBatchNorm", (x, scale, offset, mean, variance), attrs, name)
    return FusedBatchNormOutputs(*outputs)


class FusedBatchNormV2Outputs(NamedTuple):
    """The outputs of FusedBatchNormV2."""

    y: Tensor
    batch_mean: Tensor
    batch_variance: Tensor
    reserve_space_1: Tensor
    reserve_space_2: Tensor


def fused_batch_norm_v2(
    x: TensorLike,
    scale: TensorLike,
    offset: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    *,
    epsilon: float = 9.999999747378752e-05,
    exponential_avg_factor: float = 1.0,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> FusedBatchNormV2Outputs:
    """As FusedBatchNormV3 (the older op).

    x: float16, bfloat16, float32.
    scale, offset, mean, variance: float32.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormV2
    """
    attrs = {
        "epsilon": epsilon,
        "exponential_avg_factor": exponential_avg_factor,
        "data_format": data_format,
        "is_training": is_training,
    }
    outputs = apply("FusedBatchNormV2", (x, scale, offset, mean, variance), attrs, name)
    return FusedBatchNormV2Outputs(*outputs)


def gather(
    params: TensorLike,
    indices: TensorLike,
    axis: TensorLike = 0,
    *,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """The slices of `params` at the positions `indices` along an axis; the first `batch_dims` axes are gone through
    together. A position outside of the axis gives zeros, as on TensorFlow's GPU.

    params: any type.
    indices: int16, int32, int64.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/GatherV2
    """
    attrs = {"batch_dims": batch_dims}
    return apply("GatherV2", (params, indices, axis), attrs, name)[0]


def gather_nd(params: TensorLike, indices: TensorLike, *, name: str | None = None) -> Tensor:
    """The elements or slices of `params` at positions along its first axes, which the last axis of `indices` holds. A
    position outside gives zeros, as on TensorFlow's GPU.

    params: any type.
    indices: int16, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/GatherNd
    """
    return apply("GatherNd", (params, indices), name=name)[0]


def gather_v1(params: TensorLike, indices: TensorLike, *, name: str | None = None) -> Tensor:
    """The slices of `params` at the positions `indices` along the first axis (the older op). A position outside of the
    axis gives zeros, as on TensorFlow's GPU.

    params: any type.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Gather
    """
    return apply("Gather", (params, indices), name=name)[0]


def gelu(features: TensorLike, *, approximate: bool = False, name: str | None = None) -> Tensor:
    """x * Phi(x) elementwise, where Phi is the normal distribution function; by tanh when `approximate`. Hendrycks and
    Gimpel, 2016.

    features: bfloat16, float16, float32, float64.
    """
    attrs = {"approximate": approximate}
    return apply("Gelu", (features,), attrs, name)[0]


def gradients(
    ys: Sequence[TensorLike],
    xs: Sequence[TensorLike],
    grad_ys: Sequence[TensorLike],
    *,
    name: str | None = None,
) -> tuple[Tensor, ...]:
    """The gradients of the sum of ys with respect to each of xs (reverse mode), weighted by grad_ys when given.

    ys, xs, grad_ys: of any types.
    """
    return apply("Gradients", (ys, xs, grad_ys), name=name)


def greater(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x > y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Greater
    """
    return apply("Greater", (x, y), name=name)[0]


def greater_equal(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x >= y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/GreaterEqual
    """
    return apply("GreaterEqual", (x, y), name=name)[0]


def gru(
    x: TensorLike,
    kernel: TensorLike,
    recurrent_kernel: TensorLike,
    bias: TensorLike,
    *,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """Gated recurrent unit: x [batch, time, features] to y [batch, time, units], from a state of zeros; from the last
    element to the first when `reverse`, each output at the place of its element. z, r, h = split(x kernel +
    bias[0]); z', r', h' = split(y recurrent_kernel + bias[1]); u = sigmoid(z + z'); y = u y + (1 - u) tanh(h +
    sigmoid(r + r') h'). Kernels are [features, 3 units] and [units, 3 units], in Keras' order of gates, as with its
    reset_after. Cho et al., EMNLP 2014.

    x, kernel, recurrent_kernel, bias: bfloat16, float16, float32, float64.
    """
    attrs = {"reverse": reverse}
    return apply("GRU", (x, kernel, recurrent_kernel, bias), attrs, name)[0]


class HistogramBucketsOutputs(NamedTuple):
    """The outputs of HistogramBuckets."""

    counts: Tensor
    range: Tensor
    moments: Tensor


def histogram_buckets(values: TensorLike, *, buckets: int = 30, name: str | None = None) -> HistogramBucketsOutputs:
    """Counts the finite values in buckets of equal width between their least and greatest. counts: [buckets]; range:
    [least, greatest]; moments: [sum, sum of squares].

    values: float16, bfloat16, float32, float64.
    """
    attrs = {"buckets": buckets}
    outputs = apply("HistogramBuckets", (values,), attrs, name)
    return HistogramBucketsOutputs(*outputs)


def histogram_summary(tag: TensorLike, values: TensorLike, *, name: str | None = None) -> Tensor:
    """A summary of how the numbers in `values` are distributed. The run fails where one is not finite.

    tag: string.
    values: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/HistogramSummary
    """
    return apply("HistogramSummary", (tag, values), name=name)[0]


def hsv_to_rgb(images: TensorLike, *, name: str | None = None) -> Tensor:
    """Red, green and blue of colours in hue, saturation and value, all from 0 to 1.

    images: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/HSVToRGB
    """
    return apply("HSVToRGB", (images,), name=name)[0]


def identity(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The input as it is.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Identity
    """
    return apply("Identity", (input,), name=name)[0]


def identity_n(input: Sequence[TensorLike], *, name: str | None = None) -> tuple[Tensor, ...]:
    """The inputs as they are.

    input: of any types.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IdentityN
    """
    return apply("IdentityN", (input,), name=name)


def ifft(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The inverse of the discrete Fourier transform over the last axis, divided by the number of elements.

    input: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IFFT
    """
    return apply("IFFT", (input,), name=name)[0]


def ifft2d(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The inverse of the discrete Fourier transform over the last two axes, divided by the number of elements.

    input: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IFFT2D
    """
    return apply("IFFT2D", (input,), name=name)[0]


def ifft3d(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The inverse of the discrete Fourier transform over the last three axes, divided by the number of elements.

    input: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IFFT3D
    """
    return apply("IFFT3D", (input,), name=name)[0]


def igamma(a: TensorLike, x: TensorLike, *, name: str | None = None) -> Tensor:
    """The lower regularized incomplete gamma function P(a, x) elementwise, under broadcasting.

    a, x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Igamma
    """
    return apply("Igamma", (a, x), name=name)[0]


def igamma_grad_a(a: TensorLike, x: TensorLike, *, name: str | None = None) -> Tensor:
    """The derivative of Igamma by a elementwise, under broadcasting. It has no gradient.

    a, x: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IgammaGradA
    """
    return apply("IgammaGradA", (a, x), name=name)[0]


def igammac(a: TensorLike, x: TensorLike, *, name: str | None = None) -> Tensor:
    """The upper regularized incomplete gamma function Q(a, x) = 1 - P(a, x) elementwise, broadcasting.

    a, x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Igammac
    """
    return apply("Igammac", (a, x), name=name)[0]


def imag(input: TensorLike, *, Tout: DTypeLike = "float32", name: str | None = None) -> Tensor:
    """The imaginary part elementwise.

    input: complex64, complex128.
    Tout: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Imag
    """
    attrs = {"Tout": Tout}
    return apply("Imag", (input,), attrs, name)[0]


def image_projective_transform_v3(
    images: TensorLike,
    transforms: TensorLike,
    output_shape: TensorLike,
    fill_value: TensorLike,
    interpolation: str,
    *,
    fill_mode: str = "CONSTANT",
    name: str | None = None,
) -> Tensor:
    """Images whose pixel (x, y) is that of the input at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1
    y + 1, for the transform [a0, a1, a2, b0, b1, b2, c0, c1] of each image, or one for all. interpolation is NEAREST
    or BILINEAR; fill_mode says what lies outside: CONSTANT (fill_value), NEAREST (the edge), REFLECT (mirrored,
    edges twice) or WRAP.

    images: uint8, int32, int64, float16, bfloat16, float32, float64.
    transforms, fill_value: float32.
    output_shape: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ImageProjectiveTransformV3
    """
    attrs = {"interpolation": interpolation, "fill_mode": fill_mode}
    return apply("ImageProjectiveTransformV3", (images, transforms, output_shape, fill_value), attrs, name)[0]


def image_summary(tag: TensorLike, tensor: TensorLike, *, max_images: int = 3, name: str | None = None) -> Tensor:
    """A summary of the first `max_images` images of `tensor` `[batch, height, width, channels]`, under the tags
    `tag/image/0`, `tag/image/1`, ... Images of floating-point numbers are scaled to 0..255, one by one: from 0 to
    the largest, or around 128 where there are negative ones. Pixels that are not finite take `bad_color`.

    tag: string.
    tensor: uint8, float32, float16, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ImageSummary
    """
    attrs = {"max_images": max_images}
    return apply("ImageSummary", (tag, tensor), attrs, name)[0]


def in_top_k(predictions: TensorLike, targets: TensorLike, k: TensorLike, *, name: str | None = None) -> Tensor:
    """For each row, whether fewer than `k` predictions are greater than that of its target; False where one is not
    finite or the target is none of the classes.

    predictions: float32.
    targets, k: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/InTopKV2
    """
    return apply("InTopKV2", (predictions, targets, k), name=name)[0]


def initialize_update(
    variables: Sequence[TensorLike],
    hyper: Sequence[TensorLike],
    optimizer: str,
    names: Sequence[str],
    *,
    name: str | None = None,
) -> Operation:
    """Gives the slots of an optimizer their first values, from the first values of the variables.

    variables: of any types.
    hyper: float32.
    """
    attrs = {"optimizer": optimizer, "names": names}
    return operation("InitializeUpdate", (variables, hyper), attrs, name)


def inv(x: TensorLike, *, name: str | None = None) -> Tensor:
    """1 / x elementwise, rounded towards zero for integers (the older op). An integer divided by zero is no error, but
    its value means nothing.

    x: bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Inv
    """
    return apply("Inv", (x,), name=name)[0]


def inv_grad(y: TensorLike, dy: TensorLike, *, name: str | None = None) -> Tensor:
    """-dy * y^2, where y = 1 / x (the older name of ReciprocalGrad).

    y, dy: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/InvGrad
    """
    return apply("InvGrad", (y, dy), name=name)[0]


def invert(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The bits that are not set in x, elementwise.

    x: int8, int16, int32, int64, uint8, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Invert
    """
    return apply("Invert", (x,), name=name)[0]


def invert_permutation(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The permutation that undoes another one: y[x[k]] is k.

    x: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/InvertPermutation
    """
    return apply("InvertPermutation", (x,), name=name)[0]


def irfft(
    input: TensorLike,
    fft_length: TensorLike,
    *,
    Treal: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """The real numbers whose RFFT is the input: `fft_length` of them over the last axis.

    input: complex64, complex128.
    fft_length: int32.
    Treal: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IRFFT
    """
    attrs = {"Treal": Treal}
    return apply("IRFFT", (input, fft_length), attrs, name)[0]


def irfft2d(
    input: TensorLike,
    fft_length: TensorLike,
    *,
    Treal: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """The real numbers whose RFFT2D is the input: `fft_length` of them over the last two axes.

    input: complex64, complex128.
    fft_length: int32.
    Treal: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IRFFT2D
    """
    attrs = {"Treal": Treal}
    return apply("IRFFT2D", (input, fft_length), attrs, name)[0]


def irfft3d(
    input: TensorLike,
    fft_length: TensorLike,
    *,
    Treal: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """The real numbers whose RFFT3D is the input: `fft_length` of them over the last three axes.

    input: complex64, complex128.
    fft_length: int32.
    Treal: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IRFFT3D
    """
    attrs = {"Treal": Treal}
    return apply("IRFFT3D", (input, fft_length), attrs, name)[0]


def is_finite(x: TensorLike, *, name: str | None = None) -> Tensor:
    """Whether x is neither infinite nor NaN, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IsFinite
    """
    return apply("IsFinite", (x,), name=name)[0]


def is_inf(x: TensorLike, *, name: str | None = None) -> Tensor:
    """Whether x is infinite, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IsInf
    """
    return apply("IsInf", (x,), name=name)[0]


def is_nan(x: TensorLike, *, name: str | None = None) -> Tensor:
    """Whether x is not a number, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IsNan
    """
    return apply("IsNan", (x,), name=name)[0]


def is_variable_initialized(ref: TensorLike, *, name: str | None = None) -> Tensor:
    """Whether the variable `ref` has a value.

    ref: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/IsVariableInitialized
    """
    return apply("IsVariableInitialized", (ref,), name=name)[0]


def keep_finite(variables: Sequence[TensorLike], watched: Sequence[TensorLike], *, name: str | None = None) -> Tensor:
    """Takes back what the run has written into any variable or slot, unless `watched` and the new values of `variables`
    are all finite; control inputs order it behind the writes. skipped: 1 where it did, else 0.

    variables, watched: of any types.
    """
    return apply("KeepFinite", (variables, watched), name=name)[0]


def l2_loss(t: TensorLike, *, name: str | None = None) -> Tensor:
    """sum(t * t) / 2.

    t: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/L2Loss
    """
    return apply("L2Loss", (t,), name=name)[0]


def layer_norm(
    x: TensorLike,
    scale: TensorLike,
    offset: TensorLike,
    *,
    epsilon: float = 0.0010000000474974513,
    name: str | None = None,
) -> Tensor:
    """scale * (x - mean) / sqrt(variance + epsilon) + offset, by the mean and the biased variance along the last axis,
    which are taken in float32 at least. Ba et al., 2016.

    x, scale, offset: bfloat16, float16, float32, float64.
    """
    attrs = {"epsilon": epsilon}
    return apply("LayerNorm", (x, scale, offset), attrs, name)[0]


def leaky_relu(features: TensorLike, *, alpha: float = 0.20000000298023224, name: str | None = None) -> Tensor:
    """x where x > 0 and alpha * x elsewhere.

    features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LeakyRelu
    """
    attrs = {"alpha": alpha}
    return apply("LeakyRelu", (features,), attrs, name)[0]


def leaky_relu_grad(
    gradients: TensorLike,
    features: TensorLike,
    *,
    alpha: float = 0.20000000298023224,
    name: str | None = None,
) -> Tensor:
    """`gradients` where features > 0, and alpha times them elsewhere.

    gradients, features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LeakyReluGrad
    """
    attrs = {"alpha": alpha}
    return apply("LeakyReluGrad", (gradients, features), attrs, name)[0]


def left_shift(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """The bits of x moved up by y places (from 0 to all but one), zeros from below, elementwise, under broadcasting.

    x, y: int8, int16, int32, int64, uint8, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LeftShift
    """
    return apply("LeftShift", (x, y), name=name)[0]


def less(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x < y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Less
    """
    return apply("Less", (x, y), name=name)[0]


def less_equal(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x <= y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LessEqual
    """
    return apply("LessEqual", (x, y), name=name)[0]


def lgamma(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the gamma function, elementwise.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Lgamma
    """
    return apply("Lgamma", (x,), name=name)[0]


def linspace(start: TensorLike, stop: TensorLike, num: TensorLike, *, name: str | None = None) -> Tensor:
    """`num` numbers from `start` to and with `stop`, evenly spaced.

    start, stop: bfloat16, float16, float32, float64.
    num: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LinSpace
    """
    return apply("LinSpace", (start, stop, num), name=name)[0]


class ListDiffOutputs(NamedTuple):
    """The outputs of ListDiff."""

    out: Tensor
    idx: Tensor


def list_diff(
    x: TensorLike,
    y: TensorLike,
    *,
    out_idx: DTypeLike = "int32",
    name: str | None = None,
) -> ListDiffOutputs:
    """The elements of a vector that another has not, in their order, and their positions.

    x, y: any type.
    out_idx: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ListDiff
    """
    attrs = {"out_idx": out_idx}
    outputs = apply("ListDiff", (x, y), attrs, name)
    return ListDiffOutputs(*outputs)


def log(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The natural logarithm elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Log
    """
    return apply("Log", (x,), name=name)[0]


def log1p(x: TensorLike, *, name: str | None = None) -> Tensor:
    """log(1 + x) elementwise, exact for small x.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Log1p
    """
    return apply("Log1p", (x,), name=name)[0]


class LogMatrixDeterminantOutputs(NamedTuple):
    """The outputs of LogMatrixDeterminant."""

    sign: Tensor
    log_abs_determinant: Tensor


def log_matrix_determinant(input: TensorLike, *, name: str | None = None) -> LogMatrixDeterminantOutputs:
    """The signs of the determinants of matrices, and the logarithms of their magnitudes.

    input: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LogMatrixDeterminant
    """
    outputs = apply("LogMatrixDeterminant", (input,), name=name)
    return LogMatrixDeterminantOutputs(*outputs)


def log_softmax(logits: TensorLike, *, name: str | None = None) -> Tensor:
    """x - log(sum(exp(x))) along the last axis, without overflow.

    logits: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LogSoftmax
    """
    return apply("LogSoftmax", (logits,), name=name)[0]


def logical_and(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x and y elementwise, under broadcasting.

    x, y: bool.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LogicalAnd
    """
    return apply("LogicalAnd", (x, y), name=name)[0]


def logical_not(x: TensorLike, *, name: str | None = None) -> Tensor:
    """not x elementwise.

    x: bool.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LogicalNot
    """
    return apply("LogicalNot", (x,), name=name)[0]


def logical_or(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x or y elementwise, under broadcasting.

    x, y: bool.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LogicalOr
    """
    return apply("LogicalOr", (x, y), name=name)[0]


def lower_bound(
    sorted_inputs: TensorLike,
    values: TensorLike,
    *,
    out_type: DTypeLike = "int32",
    name: str | None = None,
) -> Tensor:
    """For each value of a row, the position of the first element of the same row of `sorted_inputs` that is not less
    than it; the length of that row where none is.

    sorted_inputs, values: any type.
    out_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LowerBound
    """
    attrs = {"out_type": out_type}
    return apply("LowerBound", (sorted_inputs, values), attrs, name)[0]


def lrn(
    input: TensorLike,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """Each element of images [batch, height, width, channels] divided by (bias + alpha * sum)^beta, the sum of the
    squares at its place over the channels at most `depth_radius` away. Krizhevsky et al., NeurIPS 2012.

    input: float16, bfloat16, float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LRN
    """
    attrs = {"depth_radius": depth_radius, "bias": bias, "alpha": alpha, "beta": beta}
    return apply("LRN", (input,), attrs, name)[0]


def lstm(
    x: TensorLike,
    kernel: TensorLike,
    recurrent_kernel: TensorLike,
    bias: TensorLike,
    *,
    reverse: bool = False,
    name: str | None = None,
) -> Tensor:
    """Long short-term memory: x [batch, time, features] to y [batch, time, units], from a state of zeros; from the last
    element to the first when `reverse`, each output at the place of its element. i, f, g, o = split(x kernel + y
    recurrent_kernel + bias); c = sigmoid(f) c + sigmoid(i) tanh(g); y = sigmoid(o) tanh(c). Kernels are [features, 4
    units] and [units, 4 units], in Keras' order of gates. Hochreiter and Schmidhuber, 1997; Gers et al., 2000.

    x, kernel, recurrent_kernel, bias: bfloat16, float16, float32, float64.
    """
    attrs = {"reverse": reverse}
    return apply("LSTM", (x, kernel, recurrent_kernel, bias), attrs, name)[0]


def matmul(
    a: TensorLike,
    b: TensorLike,
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of two matrices, either of which may be transposed first.

    a, b: bfloat16, float16, float32, float64, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatMul
    """
    attrs = {"transpose_a": transpose_a, "transpose_b": transpose_b}
    return apply("MatMul", (a, b), attrs, name)[0]


def matrix_band_part(
    input: TensorLike,
    num_lower: TensorLike,
    num_upper: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The matrices in the last two axes, with zeros outside of the diagonal, the `num_lower` below it and the
    `num_upper` above it; all of a side when its number is negative.

    input: any type.
    num_lower, num_upper: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixBandPart
    """
    return apply("MatrixBandPart", (input, num_lower, num_upper), name=name)[0]


def matrix_determinant(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The determinants of matrices.

    input: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixDeterminant
    """
    return apply("MatrixDeterminant", (input,), name=name)[0]


def matrix_diag(
    diagonal: TensorLike,
    k: TensorLike = 0,
    num_rows: TensorLike = -1,
    num_cols: TensorLike = -1,
    padding_value: TensorLike = 0,
    *,
    align: str = "RIGHT_LEFT",
    name: str | None = None,
) -> Tensor:
    """Matrices with the given diagonals, and `padding_value` elsewhere. `k` is one diagonal, 0 the main one, or the
    lowest and the uppermost of a band; the shorter ones of a band are aligned as `align` says: LEFT_RIGHT is left
    above and right below.

    diagonal, padding_value: any type.
    k, num_rows, num_cols: int32.
    align: LEFT_RIGHT, RIGHT_LEFT, LEFT_LEFT, RIGHT_RIGHT.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixDiagV3
    """
    attrs = {"align": align}
    return apply("MatrixDiagV3", (diagonal, k, num_rows, num_cols, padding_value), attrs, name)[0]


def matrix_diag_part(
    input: TensorLike,
    k: TensorLike = 0,
    padding_value: TensorLike = 0,
    *,
    align: str = "RIGHT_LEFT",
    name: str | None = None,
) -> Tensor:
    """Diagonals of the matrices in the last two axes, filled up with `padding_value`. `k` is one diagonal, 0 the main
    one, or the lowest and the uppermost of a band, of which the uppermost comes first; the shorter ones of a band
    are aligned as `align` says: LEFT_RIGHT is left above and right below.

    input, padding_value: any type.
    k: int32.
    align: LEFT_RIGHT, RIGHT_LEFT, LEFT_LEFT, RIGHT_RIGHT.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixDiagPartV3
    """
    attrs = {"align": align}
    return apply("MatrixDiagPartV3", (input, k, padding_value), attrs, name)[0]


def matrix_diag_part_v1(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The main diagonals of the matrices in the last two axes (the oldest op).

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixDiagPart
    """
    return apply("MatrixDiagPart", (input,), name=name)[0]


def matrix_diag_part_v2(
    input: TensorLike,
    k: TensorLike = 0,
    padding_value: TensorLike = 0,
    *,
    name: str | None = None,
) -> Tensor:
    """Diagonals of the matrices in the last two axes, filled up with `padding_value`. `k` is one diagonal, 0 the main
    one, or the lowest and the uppermost of a band, of which the uppermost comes first; the shorter ones of a band
    are aligned to the left (the older op).

    input, padding_value: any type.
    k: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixDiagPartV2
    """
    return apply("MatrixDiagPartV2", (input, k, padding_value), name=name)[0]


def matrix_diag_v1(diagonal: TensorLike, *, name: str | None = None) -> Tensor:
    """Square matrices with the last axis as their main diagonals, and zeros elsewhere (the oldest op).

    diagonal: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixDiag
    """
    return apply("MatrixDiag", (diagonal,), name=name)[0]


def matrix_diag_v2(
    diagonal: TensorLike,
    k: TensorLike = 0,
    num_rows: TensorLike = -1,
    num_cols: TensorLike = -1,
    padding_value: TensorLike = 0,
    *,
    name: str | None = None,
) -> Tensor:
    """Matrices with the given diagonals, and `padding_value` elsewhere. `k` is one diagonal, 0 the main one, or the
    lowest and the uppermost of a band; the shorter ones of a band are aligned to the left (the older op).

    diagonal, padding_value: any type.
    k, num_rows, num_cols: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixDiagV2
    """
    return apply("MatrixDiagV2", (diagonal, k, num_rows, num_cols, padding_value), name=name)[0]


def matrix_inverse(input: TensorLike, *, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverses of matrices, or with `adjoint` those of their conjugate transposes. Where TensorFlow raises, as
    there is none, it holds infinities or NaN.

    input: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixInverse
    """
    attrs = {"adjoint": adjoint}
    return apply("MatrixInverse", (input,), attrs, name)[0]


def matrix_set_diag(
    input: TensorLike,
    diagonal: TensorLike,
    k: TensorLike = 0,
    *,
    align: str = "RIGHT_LEFT",
    name: str | None = None,
) -> Tensor:
    """The matrices in the last two axes with other diagonals. `k` is one diagonal, 0 the main one, or the lowest and
    the uppermost of a band; the shorter ones of a band are aligned as `align` says: LEFT_RIGHT is left above and
    right below.

    input, diagonal: any type.
    k: int32.
    align: LEFT_RIGHT, RIGHT_LEFT, LEFT_LEFT, RIGHT_RIGHT.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixSetDiagV3
    """
    attrs = {"align": align}
    return apply("MatrixSetDiagV3", (input, diagonal, k), attrs, name)[0]


def matrix_set_diag_v1(input: TensorLike, diagonal: TensorLike, *, name: str | None = None) -> Tensor:
    """The matrices in the last two axes with other main diagonals (the oldest op).

    input, diagonal: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixSetDiag
    """
    return apply("MatrixSetDiag", (input, diagonal), name=name)[0]


def matrix_set_diag_v2(
    input: TensorLike,
    diagonal: TensorLike,
    k: TensorLike = 0,
    *,
    name: str | None = None,
) -> Tensor:
    """The matrices in the last two axes with other diagonals. `k` is one diagonal, 0 the main one, or the lowest and
    the uppermost of a band; the shorter ones of a band are aligned to the left (the older op).

    input, diagonal: any type.
    k: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixSetDiagV2
    """
    return apply("MatrixSetDiagV2", (input, diagonal, k), name=name)[0]


def matrix_solve(matrix: TensorLike, rhs: TensorLike, *, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The solutions X of matrix X = rhs, or with `adjoint` of its conjugate transpose. Where TensorFlow raises, as
    there is none, it holds infinities or NaN.

    matrix, rhs: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixSolve
    """
    attrs = {"adjoint": adjoint}
    return apply("MatrixSolve", (matrix, rhs), attrs, name)[0]


def matrix_triangular_solve(
    matrix: TensorLike,
    rhs: TensorLike,
    *,
    lower: bool = True,
    adjoint: bool = False,
    name: str | None = None,
) -> Tensor:
    """The solutions X of matrix X = rhs for triangular matrices, of which only the `lower` or the upper triangle is
    read, or with `adjoint` of their conjugate transposes; stacks broadcast. Where TensorFlow raises, as there is
    none, it holds infinities or NaN.

    matrix, rhs: bfloat16, float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatrixTriangularSolve
    """
    attrs = {"lower": lower, "adjoint": adjoint}
    return apply("MatrixTriangularSolve", (matrix, rhs), attrs, name)[0]


def max_pool(
    input: TensorLike,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The greatest element of each window; the first of equal ones has the gradient. Padding never wins.

    input: float16, bfloat16, float32, float64, int32, int64, uint8, int16, int8, uint16.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPool
    """
    attrs = {
        "ksize": ksize,
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
    }
    return apply("MaxPool", (input,), attrs, name)[0]


def max_pool3_d(
    input: TensorLike,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    *,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """The greatest element of each window of a volume [batch, depth, height, width, channels].

    input: float16, bfloat16, float32.
    padding: SAME, VALID.
    data_format: NDHWC, NCDHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPool3D
    """
    attrs = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
    return apply("MaxPool3D", (input,), attrs, name)[0]


def max_pool_grad(
    orig_input: TensorLike,
    orig_output: TensorLike,
    grad: TensorLike,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    *,
    explicit_paddings: Sequence[int] = (),
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The gradient of MaxPool: that of each window goes to the first of its greatest elements.

    orig_input, orig_output, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32,
    int64, uint64.
    padding: SAME, VALID, EXPLICIT.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPoolGrad
    """
    attrs = {
        "ksize": ksize,
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
    }
    return apply("MaxPoolGrad", (orig_input, orig_output, grad), attrs, name)[0]


def max_pool_v2(
    input: TensorLike,
    ksize: TensorLike,
    strides: TensorLike,
    padding: str,
    *,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """MaxPool with its sizes as inputs.

    input: float16, bfloat16, float32, float64, int32, int64, uint8, int16, int8, uint16.
    ksize, strides: int32.
    padding: SAME, VALID.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPoolV2
    """
    attrs = {"padding": padding, "data_format": data_format}
    return apply("MaxPoolV2", (input, ksize, strides), attrs, name)[0]


class MaxPoolWithArgmaxOutputs(NamedTuple):
    """The outputs of MaxPoolWithArgmax."""

    output: Tensor
    argmax: Tensor


def max_pool_with_argmax(
    input: TensorLike,
    ksize: Sequence[int],
    strides: Sequence[int],
    padding: str,
    *,
    Targmax: DTypeLike = "int64",
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> MaxPoolWithArgmaxOutputs:
    """MaxPool, and where each maximum was: its position in the flattened image, or with `include_batch_in_index` in the
    flattened batch of images.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Targmax: int32, int64.
    padding: SAME, VALID.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPoolWithArgmax
    """
    attrs = {
        "ksize": ksize,
        "strides": strides,
        "Targmax": Targmax,
        "padding": padding,
        "include_batch_in_index": include_batch_in_index,
    }
    outputs = apply("MaxPoolWithArgmax", (input,), attrs, name)
    return MaxPoolWithArgmaxOutputs(*outputs)


def maximum(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """The greater of x and y elementwise. Where both are equal, x has the gradient.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Maximum
    """
    return apply("Maximum", (x, y), name=name)[0]


def merge_summary(inputs: Sequence[TensorLike], *, name: str | None = None) -> Tensor:
    """All values of several summaries in one. The run fails where two have one tag.

    inputs: string.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MergeSummary
    """
    return apply("MergeSummary", (inputs,), name=name)[0]


def minimum(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """The lesser of x and y elementwise. Where both are equal, x has the gradient.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Minimum
    """
    return apply("Minimum", (x, y), name=name)[0]


def mirror_pad(input: TensorLike, paddings: TensorLike, mode: str, *, name: str | None = None) -> Tensor:
    """Adds around what lies inside, mirrored: paddings[k] is how many before and behind axis k. REFLECT leaves the edge
    itself out, SYMMETRIC repeats it.

    input: any type.
    paddings: int32, int64.
    mode: REFLECT, SYMMETRIC.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MirrorPad
    """
    attrs = {"mode": mode}
    return apply("MirrorPad", (input, paddings), attrs, name)[0]


def mod(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """What x / y rounded towards zero leaves over, with the sign of x, as C's %.

    x, y: bfloat16, float16, float32, float64, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Mod
    """
    return apply("Mod", (x, y), name=name)[0]


def mul_no_nan(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x * y elementwise, under broadcasting, and 0 where y is 0, even if x is infinite or NaN.

    x, y: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MulNoNan
    """
    return apply("MulNoNan", (x, y), name=name)[0]


def multiply(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x * y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Mul
    """
    return apply("Mul", (x, y), name=name)[0]


def ndtri(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The quantile elementwise of the normal distribution: what a number of it lies below with probability x.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Ndtri
    """
    return apply("Ndtri", (x,), name=name)[0]


def negative(x: TensorLike, *, name: str | None = None) -> Tensor:
    """-x elementwise.

    x: bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Neg
    """
    return apply("Neg", (x,), name=name)[0]


def next_after(x1: TensorLike, x2: TensorLike, *, name: str | None = None) -> Tensor:
    """The number of this type that follows x1 on the way to x2, elementwise, under broadcasting.

    x1, x2: float64, float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/NextAfter
    """
    return apply("NextAfter", (x1, x2), name=name)[0]


def no_op(name: str | None = None) -> Operation:
    """Nothing; a node to hang control dependencies on.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/NoOp
    """
    return operation("NoOp", (), name=name)


def non_max_suppression_v2(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The boxes [y1, x1, y2, x2] that are left, best first, when each takes away those that overlap it by more than
    `iou_threshold` (intersection over union). selected_indices: positions among `boxes`.

    boxes, scores, iou_threshold: float16, float32.
    max_output_size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/NonMaxSuppressionV2
    """
    return apply("NonMaxSuppressionV2", (boxes, scores, max_output_size, iou_threshold), name=name)[0]


def non_max_suppression_v3(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike,
    score_threshold: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The boxes [y1, x1, y2, x2] that are left, best first, when each takes away those that overlap it by more than
    `iou_threshold` (intersection over union). selected_indices: positions among `boxes`. Boxes with a score of at
    most `score_threshold` are left out.

    boxes, scores, iou_threshold, score_threshold: float16, float32.
    max_output_size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/NonMaxSuppressionV3
    """
    return apply("NonMaxSuppressionV3", (boxes, scores, max_output_size, iou_threshold, score_threshold), name=name)[0]


class NonMaxSuppressionV4Outputs(NamedTuple):
    """The outputs of NonMaxSuppressionV4."""

    selected_indices: Tensor
    valid_outputs: Tensor


def non_max_suppression_v4(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike,
    score_threshold: TensorLike,
    *,
    pad_to_max_output_size: bool = False,
    name: str | None = None,
) -> NonMaxSuppressionV4Outputs:
    """The boxes [y1, x1, y2, x2] that are left, best first, when each takes away those that overlap it by more than
    `iou_threshold` (intersection over union). selected_indices: positions among `boxes`. With
    `pad_to_max_output_size`, zeros follow; `valid_outputs` says how many are boxes.

    boxes, scores, iou_threshold, score_threshold: float16, float32.
    max_output_size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/NonMaxSuppressionV4
    """
    attrs = {"pad_to_max_output_size": pad_to_max_output_size}
    outputs = apply("NonMaxSuppressionV4", (boxes, scores, max_output_size, iou_threshold, score_threshold), attrs, name)
    return NonMaxSuppressionV4Outputs(*outputs)


class NonMaxSuppressionV5Outputs(NamedTuple):
    """The outputs of NonMaxSuppressionV5."""

    selected_indices: Tensor
    selected_scores: Tensor
    valid_outputs: Tensor


def non_max_suppression_v5(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike,
    score_threshold: TensorLike,
    soft_nms_sigma: TensorLike,
    *,
    pad_to_max_output_size: bool = False,
    name: str | None = None,
) -> NonMaxSuppressionV5Outputs:
    """The boxes [y1, x1, y2, x2] that are left, best first, when each takes away those that overlap it by more than
    `iou_threshold` (intersection over union). selected_indices: positions among `boxes`. Where `soft_nms_sigma` is
    above 0, overlaps lower a score by exp(-iou^2 / (2 sigma)) instead of taking the box away (Bodla et al., ICCV
    2017).

    boxes, scores, iou_threshold, score_threshold, soft_nms_sigma: float16, float32.
    max_output_size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/NonMaxSuppressionV5
    """
    attrs = {"pad_to_max_output_size": pad_to_max_output_size}
    outputs = apply("NonMaxSuppressionV5", (boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma), attrs, name)
    return NonMaxSuppressionV5Outputs(*outputs)


def not_equal(
    x: TensorLike,
    y: TensorLike,
    *,
    incompatible_shape_error: bool = True,
    name: str | None = None,
) -> Tensor:
    """x != y elementwise, under broadcasting. When `incompatible_shape_error` is False and the shapes do not broadcast,
    the result is the scalar True.

    x, y: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/NotEqual
    """
    attrs = {"incompatible_shape_error": incompatible_shape_error}
    return apply("NotEqual", (x, y), attrs, name)[0]


def one_hot(
    indices: TensorLike,
    depth: TensorLike,
    on_value: TensorLike = 1.0,
    off_value: TensorLike = 0.0,
    *,
    axis: int = -1,
    name: str | None = None,
) -> Tensor:
    """`on_value` at the positions `indices` of a new axis of size `depth`, and `off_value` elsewhere.

    indices: uint8, int8, int32, int64.
    depth: int32.
    on_value, off_value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/OneHot
    """
    attrs = {"axis": axis}
    return apply("OneHot", (indices, depth, on_value, off_value), attrs, name)[0]


def ones_like(x: TensorLike, *, name: str | None = None) -> Tensor:
    """A tensor of the shape of x in which every element is 1.

    x: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128, bool.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/OnesLike
    """
    return apply("OnesLike", (x,), name=name)[0]


def pad(input: TensorLike, paddings: TensorLike, *, name: str | None = None) -> Tensor:
    """Adds zeros around: paddings[k] is how many before and behind axis k.

    input: any type.
    paddings: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Pad
    """
    return apply("Pad", (input, paddings), name=name)[0]


def pad_v2(input: TensorLike, paddings: TensorLike, constant_values: TensorLike, *, name: str | None = None) -> Tensor:
    """Adds one value around: paddings[k] is how many before and behind axis k.

    input, constant_values: any type.
    paddings: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/PadV2
    """
    return apply("PadV2", (input, paddings, constant_values), name=name)[0]


def parallel_dynamic_stitch(
    indices: Sequence[TensorLike],
    data: Sequence[TensorLike],
    *,
    name: str | None = None,
) -> Tensor:
    """The parts of several tensors at the positions that their indices hold; of several parts with one position the
    last is taken, where TensorFlow takes any, and a row without any is zero. There are as many rows as the greatest
    position says: where it is computed, the op runs by itself, outside of compiled programs.

    indices: int32.
    data: of one type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ParallelDynamicStitch
    """
    return apply("ParallelDynamicStitch", (indices, data), name=name)[0]


def placeholder(dtype: DTypeLike, shape: Sequence[int | None] | None = None, name: str | None = None) -> Tensor:
    """A value that is fed when the graph is run.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Placeholder
    """
    attrs = {"dtype": dtype, "shape": shape}
    return apply("Placeholder", (), attrs, name)[0]


def placeholder_with_default(
    input: TensorLike,
    shape: Sequence[int | None] | None,
    *,
    name: str | None = None,
) -> Tensor:
    """A value that may be fed when the graph is run, and is `input` otherwise.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/PlaceholderWithDefault
    """
    attrs = {"shape": shape}
    return apply("PlaceholderWithDefault", (input,), attrs, name)[0]


def polygamma(a: TensorLike, x: TensorLike, *, name: str | None = None) -> Tensor:
    """The derivative of order a of Digamma at x elementwise, for whole a of at least 0 (else NaN), under broadcasting.
    It has a gradient for x alone.

    a, x: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Polygamma
    """
    return apply("Polygamma", (a, x), name=name)[0]


def population_count(x: TensorLike, *, name: str | None = None) -> Tensor:
    """How many bits are set, elementwise.

    x: int8, int16, int32, int64, uint8, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/PopulationCount
    """
    return apply("PopulationCount", (x,), name=name)[0]


def positions_where(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The positions of the elements that are not 0, in row-major order: [how many, rank].

    input: float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32,
    uint64, bool.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Where
    """
    return apply("Where", (input,), name=name)[0]


def pow(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x to the power of y elementwise. The gradient for y is 0 where x is not positive.

    x, y: bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Pow
    """
    return apply("Pow", (x, y), name=name)[0]


def prevent_gradient(input: TensorLike, *, message: str = "", name: str | None = None) -> Tensor:
    """The input as it is; it is an error, which says `message`, to ask for a gradient through it.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/PreventGradient
    """
    attrs = {"message": message}
    return apply("PreventGradient", (input,), attrs, name)[0]


class QrOutputs(NamedTuple):
    """The outputs of Qr."""

    q: Tensor
    r: Tensor


def qr(input: TensorLike, *, full_matrices: bool = False, name: str | None = None) -> QrOutputs:
    """Matrices as products of q, whose columns are orthonormal, and upper triangular r; with `full_matrices` q is
    square.

    input: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Qr
    """
    attrs = {"full_matrices": full_matrices}
    outputs = apply("Qr", (input,), attrs, name)
    return QrOutputs(*outputs)


def random_normal(
    shape: TensorLike,
    *,
    seed: int = 0,
    seed2: int = 0,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """Numbers from the normal distribution of mean 0 and deviation 1.

    shape: int32, int64.
    dtype: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RandomStandardNormal
    """
    attrs = {"seed": seed, "seed2": seed2, "dtype": dtype}
    return apply("RandomStandardNormal", (shape,), attrs, name)[0]


def random_uniform(
    shape: TensorLike,
    *,
    seed: int = 0,
    seed2: int = 0,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """Numbers from the uniform distribution over [0, 1).

    shape: int32, int64.
    dtype: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RandomUniform
    """
    attrs = {"seed": seed, "seed2": seed2, "dtype": dtype}
    return apply("RandomUniform", (shape,), attrs, name)[0]


def range(start: TensorLike, limit: TensorLike, delta: TensorLike = 1, *, name: str | None = None) -> Tensor:
    """start, start + delta, ... up to but without limit.

    start, limit, delta: bfloat16, float16, float32, float64, int8, int16, int32, int64, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Range
    """
    return apply("Range", (start, limit, delta), name=name)[0]


def rank(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The number of axes.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Rank
    """
    return apply("Rank", (input,), name=name)[0]


def read_variable_op(resource: TensorLike, *, dtype: DTypeLike = "float32", name: str | None = None) -> Tensor:
    """The value of a variable: as it was before the run, unless a dependency orders the read behind a write.

    resource: resource.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ReadVariableOp
    """
    attrs = {"dtype": dtype}
    return apply("ReadVariableOp", (resource,), attrs, name)[0]


def real(input: TensorLike, *, Tout: DTypeLike = "float32", name: str | None = None) -> Tensor:
    """The real part elementwise.

    input: complex64, complex128.
    Tout: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Real
    """
    attrs = {"Tout": Tout}
    return apply("Real", (input,), attrs, name)[0]


def reciprocal(x: TensorLike, *, name: str | None = None) -> Tensor:
    """1 / x elementwise, rounded towards zero for integers. An integer divided by zero is no error, but its value means
    nothing.

    x: bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Reciprocal
    """
    return apply("Reciprocal", (x,), name=name)[0]


def reciprocal_grad(y: TensorLike, dy: TensorLike, *, name: str | None = None) -> Tensor:
    """-dy * y^2, where y = 1 / x.

    y, dy: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ReciprocalGrad
    """
    return apply("ReciprocalGrad", (y, dy), name=name)[0]


def reduce_all(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """Whether all elements are True over some axes, which are kept with size 1 on request.

    input: bool.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/All
    """
    attrs = {"keep_dims": keepdims}
    return apply("All", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def reduce_any(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """Whether any element is True over some axes, which are kept with size 1 on request.

    input: bool.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Any
    """
    attrs = {"keep_dims": keepdims}
    return apply("Any", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def reduce_euclidean_norm(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The root of the sum of the squared magnitudes over some axes, which are kept with size 1 on request.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/EuclideanNorm
    """
    attrs = {"keep_dims": keepdims}
    return apply("EuclideanNorm", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def reduce_max(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The greatest element (equal ones share the gradient) over some axes, which are kept with size 1 on request.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Max
    """
    attrs = {"keep_dims": keepdims}
    return apply("Max", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def reduce_mean(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The mean; that of integers is rounded towards zero, over some axes, which are kept with size 1 on request.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Mean
    """
    attrs = {"keep_dims": keepdims}
    return apply("Mean", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def reduce_min(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The least element (equal ones share the gradient) over some axes, which are kept with size 1 on request.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Min
    """
    attrs = {"keep_dims": keepdims}
    return apply("Min", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def reduce_prod(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product over some axes, which are kept with size 1 on request.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Prod
    """
    attrs = {"keep_dims": keepdims}
    return apply("Prod", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def reduce_sum(
    input: TensorLike,
    axis: TensorLike | None = None,
    *,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The sum over some axes, which are kept with size 1 on request.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Sum
    """
    attrs = {"keep_dims": keepdims}
    return apply("Sum", (input, every_axis(input) if axis is None else axis), attrs, name)[0]


def relu(features: TensorLike, *, name: str | None = None) -> Tensor:
    """max(x, 0) elementwise; the gradient at 0 is 0.

    features: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Relu
    """
    return apply("Relu", (features,), name=name)[0]


def relu6(features: TensorLike, *, name: str | None = None) -> Tensor:
    """min(max(x, 0), 6) elementwise; the gradient at 0 and at 6 is 0.

    features: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Relu6
    """
    return apply("Relu6", (features,), name=name)[0]


def relu6_grad(gradients: TensorLike, features: TensorLike, *, name: str | None = None) -> Tensor:
    """`gradients` where 0 < features < 6, and 0 elsewhere.

    gradients, features: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Relu6Grad
    """
    return apply("Relu6Grad", (gradients, features), name=name)[0]


def relu_grad(gradients: TensorLike, features: TensorLike, *, name: str | None = None) -> Tensor:
    """`gradients` where features > 0, and 0 elsewhere.

    gradients, features: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ReluGrad
    """
    return apply("ReluGrad", (gradients, features), name=name)[0]


def reshape(tensor: TensorLike, shape: TensorLike, *, name: str | None = None) -> Tensor:
    """The same elements in another shape, in which one -1 stands for what is left.

    tensor: any type.
    shape: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Reshape
    """
    return apply("Reshape", (tensor, shape), name=name)[0]


def resize_area(
    images: TensorLike,
    size: TensorLike,
    *,
    align_corners: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images [batch, height, width, channels] in another height and width, each pixel the mean of the area of the input
    that it covers.

    images: int8, uint8, int16, uint16, int32, int64, float16, float32, float64, bfloat16.
    size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResizeArea
    """
    attrs = {"align_corners": align_corners}
    return apply("ResizeArea", (images, size), attrs, name)[0]


def resize_bicubic(
    images: TensorLike,
    size: TensorLike,
    *,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images [batch, height, width, channels] in another height and width, each pixel made of the sixteen around it by
    cubic polynomials (Keys, 1981), with a = -0.5 for half_pixel_centers and a = -0.75 otherwise.

    images: int8, uint8, int16, uint16, int32, int64, float16, float32, float64, bfloat16.
    size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResizeBicubic
    """
    attrs = {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers}
    return apply("ResizeBicubic", (images, size), attrs, name)[0]


def resize_bilinear(
    images: TensorLike,
    size: TensorLike,
    *,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images [batch, height, width, channels] in another height and width, each pixel made of the four around it.

    images: int8, uint8, int16, uint16, int32, int64, float16, float32, float64, bfloat16.
    size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResizeBilinear
    """
    attrs = {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers}
    return apply("ResizeBilinear", (images, size), attrs, name)[0]


def resize_nearest_neighbor(
    images: TensorLike,
    size: TensorLike,
    *,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images [batch, height, width, channels] in another height and width, each pixel the nearest one of the input.

    images: int8, uint8, int16, uint16, int32, int64, float16, float32, float64, bfloat16.
    size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResizeNearestNeighbor
    """
    attrs = {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers}
    return apply("ResizeNearestNeighbor", (images, size), attrs, name)[0]


def resource_apply_ada_max(
    var: TensorLike,
    m: TensorLike,
    v: TensorLike,
    beta1_power: TensorLike,
    lr: TensorLike,
    beta1: TensorLike,
    beta2: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Operation:
    """m is a decaying average of grad, v = max(beta2 * v, |grad|); var -= lr / (1 - beta1_power) * m / (v + epsilon).

    var, m, v: resource.
    beta1_power, lr, beta1, beta2, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16,
    int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyAdaMax
    """
    return operation("ResourceApplyAdaMax", (var, m, v, beta1_power, lr, beta1, beta2, epsilon, grad), name=name)


def resource_apply_adadelta(
    var: TensorLike,
    accum: TensorLike,
    accum_update: TensorLike,
    lr: TensorLike,
    rho: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Operation:
    """var -= lr * update, update = grad * sqrt(accum_update + epsilon) / sqrt(accum + epsilon), where the two are
    decaying averages of grad^2 and update^2.

    var, accum, accum_update: resource.
    lr, rho, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64,
    uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyAdadelta
    """
    return operation("ResourceApplyAdadelta", (var, accum, accum_update, lr, rho, epsilon, grad), name=name)


def resource_apply_adagrad(
    var: TensorLike,
    accum: TensorLike,
    lr: TensorLike,
    grad: TensorLike,
    *,
    update_slots: bool = True,
    name: str | None = None,
) -> Operation:
    """accum += grad^2; var -= lr * grad / sqrt(accum).

    var, accum: resource.
    lr, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyAdagrad
    """
    attrs = {"update_slots": update_slots}
    return operation("ResourceApplyAdagrad", (var, accum, lr, grad), attrs, name)


def resource_apply_adagrad_v2(
    var: TensorLike,
    accum: TensorLike,
    lr: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    update_slots: bool = True,
    name: str | None = None,
) -> Operation:
    """accum += grad^2; var -= lr * grad / (sqrt(accum) + epsilon).

    var, accum: resource.
    lr, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyAdagradV2
    """
    attrs = {"update_slots": update_slots}
    return operation("ResourceApplyAdagradV2", (var, accum, lr, epsilon, grad), attrs, name)


def resource_apply_adam(
    var: TensorLike,
    m: TensorLike,
    v: TensorLike,
    beta1_power: TensorLike,
    beta2_power: TensorLike,
    lr: TensorLike,
    beta1: TensorLike,
    beta2: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    use_nesterov: bool = False,
    name: str | None = None,
) -> Operation:
    """m and v are decaying averages of grad and grad^2; var -= lr * sqrt(1 - beta2_power) / (1 - beta1_power) * m /
    (sqrt(v) + epsilon).

    var, m, v: resource.
    beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16,
    uint16, int32, uint32, int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyAdam
    """
    attrs = {"use_nesterov": use_nesterov}
    return operation("ResourceApplyAdam", (var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad), attrs, name)


def resource_apply_centered_rms_prop(
    var: TensorLike,
    mg: TensorLike,
    ms: TensorLike,
    mom: TensorLike,
    lr: TensorLike,
    rho: TensorLike,
    momentum: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Operation:
    """RMSProp by the variance of the gradient: mg = rho * mg + (1 - rho) * grad, and ms - mg^2 in place of ms.

    var, mg, ms, mom: resource.
    lr, rho, momentum, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32,
    int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyCenteredRMSProp
    """
    return operation("ResourceApplyCenteredRMSProp", (var, mg, ms, mom, lr, rho, momentum, epsilon, grad), name=name)


def resource_apply_ftrl(
    var: TensorLike,
    accum: TensorLike,
    linear: TensorLike,
    grad: TensorLike,
    lr: TensorLike,
    l1: TensorLike,
    l2: TensorLike,
    lr_power: TensorLike,
    *,
    multiply_linear_by_lr: bool = False,
    name: str | None = None,
) -> Operation:
    """Follow the regularised leader: the variable that minimises the sum of all gradients seen, with l1 and l2.

    var, accum, linear: resource.
    grad, lr, l1, l2, lr_power: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64,
    uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyFtrl
    """
    attrs = {"multiply_linear_by_lr": multiply_linear_by_lr}
    return operation("ResourceApplyFtrl", (var, accum, linear, grad, lr, l1, l2, lr_power), attrs, name)


def resource_apply_gradient_descent(
    var: TensorLike,
    alpha: TensorLike,
    delta: TensorLike = 1,
    *,
    name: str | None = None,
) -> Operation:
    """var -= alpha * delta.

    var: resource.
    alpha, delta: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyGradientDescent
    """
    return operation("ResourceApplyGradientDescent", (var, alpha, delta), name=name)


def resource_apply_keras_momentum(
    var: TensorLike,
    accum: TensorLike,
    lr: TensorLike,
    grad: TensorLike,
    momentum: TensorLike,
    *,
    use_nesterov: bool = False,
    name: str | None = None,
) -> Operation:
    """accum = momentum * accum - lr * grad; var += accum, which `use_nesterov` looks one step ahead of.

    var, accum: resource.
    lr, grad, momentum: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyKerasMomentum
    """
    attrs = {"use_nesterov": use_nesterov}
    return operation("ResourceApplyKerasMomentum", (var, accum, lr, grad, momentum), attrs, name)


def resource_apply_momentum(
    var: TensorLike,
    accum: TensorLike,
    lr: TensorLike,
    grad: TensorLike,
    momentum: TensorLike,
    *,
    use_nesterov: bool = False,
    name: str | None = None,
) -> Operation:
    """accum = momentum * accum + grad; var -= lr * accum, which `use_nesterov` looks one step ahead of.

    var, accum: resource.
    lr, grad, momentum: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyMomentum
    """
    attrs = {"use_nesterov": use_nesterov}
    return operation("ResourceApplyMomentum", (var, accum, lr, grad, momentum), attrs, name)


def resource_apply_rms_prop(
    var: TensorLike,
    ms: TensorLike,
    mom: TensorLike,
    lr: TensorLike,
    rho: TensorLike,
    momentum: TensorLike,
    epsilon: TensorLike,
    grad: TensorLike,
    *,
    name: str | None = None,
) -> Operation:
    """ms = rho * ms + (1 - rho) * grad^2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom.

    var, ms, mom: resource.
    lr, rho, momentum, epsilon, grad: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32,
    int64, uint64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyRMSProp
    """
    return operation("ResourceApplyRMSProp", (var, ms, mom, lr, rho, momentum, epsilon, grad), name=name)


def resource_gather(
    resource: TensorLike,
    indices: TensorLike,
    *,
    batch_dims: int = 0,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """The slices of a variable at the positions `indices` along axis `batch_dims`; the axes before it are gone through
    together. A position outside gives zeros, as on TensorFlow's GPU.

    resource: resource.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceGather
    """
    attrs = {"batch_dims": batch_dims, "dtype": dtype}
    return apply("ResourceGather", (resource, indices), attrs, name)[0]


def resource_gather_nd(
    resource: TensorLike,
    indices: TensorLike,
    *,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """The elements or slices of a variable at positions along its first axes, which the last axis of `indices` holds. A
    position outside gives zeros, as on TensorFlow's GPU.

    resource: resource.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceGatherNd
    """
    attrs = {"dtype": dtype}
    return apply("ResourceGatherNd", (resource, indices), attrs, name)[0]


def resource_scatter_add(
    resource: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Operation:
    """Adds `updates` to rows of a variable; a row that is named twice takes both. Rows outside of the variable are left
    out, as on TensorFlow's GPU.

    resource: resource.
    indices: int32, int64.
    updates: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceScatterAdd
    """
    return operation("ResourceScatterAdd", (resource, indices, updates), name=name)


def resource_scatter_sub(
    resource: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Operation:
    """Subtracts `updates` from rows of a variable; a row that is named twice loses both. Rows outside of the variable
    are left out, as on TensorFlow's GPU.

    resource: resource.
    indices: int32, int64.
    updates: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceScatterSub
    """
    return operation("ResourceScatterSub", (resource, indices, updates), name=name)


def resource_scatter_update(
    resource: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Operation:
    """Replaces rows of a variable by `updates`; of one that is named twice, the last stays. Rows outside of the
    variable are left out, as on TensorFlow's GPU.

    resource: resource.
    indices: int32, int64.
    updates: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceScatterUpdate
    """
    return operation("ResourceScatterUpdate", (resource, indices, updates), name=name)


def restore_v2(
    prefix: TensorLike,
    tensor_names: TensorLike,
    shape_and_slices: TensorLike,
    dtypes: Sequence[DTypeLike],
    *,
    name: str | None = None,
) -> tuple[Tensor, ...]:
    """The tensors that were saved in the folder `prefix`, by name. Only a session that was allowed a folder reads, and
    only below that: `Session(graph, files=folder)`.

    prefix, tensor_names, shape_and_slices: string.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RestoreV2
    """
    attrs = {"dtypes": dtypes}
    return apply("RestoreV2", (prefix, tensor_names, shape_and_slices), attrs, name)


def reverse(tensor: TensorLike, axis: TensorLike, *, name: str | None = None) -> Tensor:
    """The elements from the last to the first along some axes.

    tensor: uint8, int8, uint16, int16, int32, uint32, int64, uint64, bool, bfloat16, float16, float32, float64,
    complex64, complex128.
    axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ReverseV2
    """
    return apply("ReverseV2", (tensor, axis), name=name)[0]


def reverse_sequence(
    input: TensorLike,
    seq_lengths: TensorLike,
    seq_dim: int,
    *,
    batch_dim: int = 0,
    name: str | None = None,
) -> Tensor:
    """The first seq_lengths[k] elements along axis `seq_dim` from the last to the first, for each position k of axis
    `batch_dim`; the others stay.

    input: any type.
    seq_lengths: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ReverseSequence
    """
    attrs = {"seq_dim": seq_dim, "batch_dim": batch_dim}
    return apply("ReverseSequence", (input, seq_lengths), attrs, name)[0]


def rfft(
    input: TensorLike,
    fft_length: TensorLike,
    *,
    Tcomplex: DTypeLike = "complex64",
    name: str | None = None,
) -> Tensor:
    """The discrete Fourier transform of real numbers over the last axis, of which the first `fft_length` elements are
    read; the last axis holds the fft_length / 2 + 1 numbers that say the others.

    input: float32, float64.
    fft_length: int32.
    Tcomplex: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RFFT
    """
    attrs = {"Tcomplex": Tcomplex}
    return apply("RFFT", (input, fft_length), attrs, name)[0]


def rfft2d(
    input: TensorLike,
    fft_length: TensorLike,
    *,
    Tcomplex: DTypeLike = "complex64",
    name: str | None = None,
) -> Tensor:
    """The discrete Fourier transform of real numbers over the last two axes, of which the first `fft_length` elements
    are read; the last axis holds the fft_length / 2 + 1 numbers that say the others.

    input: float32, float64.
    fft_length: int32.
    Tcomplex: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RFFT2D
    """
    attrs = {"Tcomplex": Tcomplex}
    return apply("RFFT2D", (input, fft_length), attrs, name)[0]


def rfft3d(
    input: TensorLike,
    fft_length: TensorLike,
    *,
    Tcomplex: DTypeLike = "complex64",
    name: str | None = None,
) -> Tensor:
    """The discrete Fourier transform of real numbers over the last three axes, of which the first `fft_length` elements
    are read; the last axis holds the fft_length / 2 + 1 numbers that say the others.

    input: float32, float64.
    fft_length: int32.
    Tcomplex: complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RFFT3D
    """
    attrs = {"Tcomplex": Tcomplex}
    return apply("RFFT3D", (input, fft_length), attrs, name)[0]


def rgb_to_hsv(images: TensorLike, *, name: str | None = None) -> Tensor:
    """Hue, saturation and value of colours in red, green and blue, all from 0 to 1; a grey has the hue 0.

    images: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RGBToHSV
    """
    return apply("RGBToHSV", (images,), name=name)[0]


def right_shift(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """The bits of x moved down by y places (from 0 to all but one), the sign from above, elementwise, under
    broadcasting.

    x, y: int8, int16, int32, int64, uint8, uint16, uint32, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RightShift
    """
    return apply("RightShift", (x, y), name=name)[0]


def rint(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The nearest integer elementwise, the even one of two that are as near.

    x: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Rint
    """
    return apply("Rint", (x,), name=name)[0]


def rms_norm(
    x: TensorLike,
    scale: TensorLike,
    *,
    epsilon: float = 9.999999974752427e-07,
    name: str | None = None,
) -> Tensor:
    """scale * x / sqrt(mean(x^2) + epsilon), by the mean along the last axis, which is taken in float32 at least. Zhang
    and Sennrich, NeurIPS 2019.

    x, scale: bfloat16, float16, float32, float64.
    """
    attrs = {"epsilon": epsilon}
    return apply("RmsNorm", (x, scale), attrs, name)[0]


def roll(input: TensorLike, shift: TensorLike, axis: TensorLike, *, name: str | None = None) -> Tensor:
    """The elements moved by `shift` places along an axis, those from the end to the front; several shifts and axes are
    added up.

    input: any type.
    shift, axis: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Roll
    """
    return apply("Roll", (input, shift, axis), name=name)[0]


def round(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The nearest integer elementwise, the even one of two that are as near.

    x: bfloat16, float16, float32, float64, int8, int16, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Round
    """
    return apply("Round", (x,), name=name)[0]


def rsqrt(x: TensorLike, *, name: str | None = None) -> Tensor:
    """1 / sqrt(x) elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Rsqrt
    """
    return apply("Rsqrt", (x,), name=name)[0]


def rsqrt_grad(y: TensorLike, dy: TensorLike, *, name: str | None = None) -> Tensor:
    """dy * -y^3 / 2, where y = 1 / sqrt(x).

    y, dy: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/RsqrtGrad
    """
    return apply("RsqrtGrad", (y, dy), name=name)[0]


def save_v2(
    prefix: TensorLike,
    tensor_names: TensorLike,
    shape_and_slices: TensorLike,
    tensors: Sequence[TensorLike],
    *,
    name: str | None = None,
) -> Operation:
    """Saves tensors by name in the folder `prefix`, in place of what was saved there; `shape_and_slices` are empty.
    Only a session that was allowed a folder writes, and only below that: `Session(graph, files=folder)`.

    prefix, tensor_names, shape_and_slices: string.
    tensors: of any types.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SaveV2
    """
    return operation("SaveV2", (prefix, tensor_names, shape_and_slices, tensors), name=name)


def scalar_summary(tags: TensorLike, values: TensorLike, *, name: str | None = None) -> Tensor:
    """A summary of the numbers `values`, each under the tag at its position.

    tags: string.
    values: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ScalarSummary
    """
    return apply("ScalarSummary", (tags, values), name=name)[0]


def scale_and_translate(
    images: TensorLike,
    size: TensorLike,
    scale: TensorLike,
    translation: TensorLike,
    *,
    kernel_type: str = "lanczos3",
    antialias: bool = True,
    name: str | None = None,
) -> Tensor:
    """Images [batch, height, width, channels] in another height and width: what lies at x comes to `scale * x +
    translation`, weighed by a kernel, which is widened where an image shrinks and `antialias` is set.

    images: int8, uint8, int16, uint16, int32, int64, float16, float32, float64, bfloat16.
    size: int32.
    scale, translation: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ScaleAndTranslate
    """
    attrs = {"kernel_type": kernel_type, "antialias": antialias}
    return apply("ScaleAndTranslate", (images, size, scale, translation), attrs, name)[0]


def scatter_add(ref: TensorLike, indices: TensorLike, updates: TensorLike, *, name: str | None = None) -> Tensor:
    """Adds `updates` to rows of a variable; a row that is named twice takes both. Rows outside of the variable are left
    out, as on TensorFlow's GPU.

    ref, updates: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ScatterAdd
    """
    return apply("ScatterAdd", (ref, indices, updates), name=name)[0]


def scatter_nd(indices: TensorLike, updates: TensorLike, shape: TensorLike, *, name: str | None = None) -> Tensor:
    """Zeros of a shape, to which `updates` are added at the positions that the last axis of `indices` holds. Updates of
    positions outside are left out, as on TensorFlow's GPU; constant ones are refused unless `bad_indices_policy` is
    IGNORE.

    indices, shape: int16, int32, int64.
    updates: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ScatterNd
    """
    return apply("ScatterNd", (indices, updates, shape), name=name)[0]


def scatter_sub(ref: TensorLike, indices: TensorLike, updates: TensorLike, *, name: str | None = None) -> Tensor:
    """Subtracts `updates` from rows of a variable; a row that is named twice loses both. Rows outside of the variable
    are left out, as on TensorFlow's GPU.

    ref, updates: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64,
    complex64, complex128.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ScatterSub
    """
    return apply("ScatterSub", (ref, indices, updates), name=name)[0]


def scatter_update(ref: TensorLike, indices: TensorLike, updates: TensorLike, *, name: str | None = None) -> Tensor:
    """Replaces rows of a variable by `updates`; of one that is named twice, the last stays. Rows outside of the
    variable are left out, as on TensorFlow's GPU.

    ref, updates: any type.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ScatterUpdate
    """
    return apply("ScatterUpdate", (ref, indices, updates), name=name)[0]


def segment_max(data: TensorLike, segment_ids: TensorLike, *, name: str | None = None) -> Tensor:
    """Greatest elements of the rows of each segment: row k belongs to segment segment_ids[k], and these never fall. A
    segment without rows gives 0. There are as many segments as the last number says: where it is computed, the op
    runs by itself, outside of compiled programs.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    segment_ids: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SegmentMax
    """
    return apply("SegmentMax", (data, segment_ids), name=name)[0]


def segment_mean(data: TensorLike, segment_ids: TensorLike, *, name: str | None = None) -> Tensor:
    """Means of the rows of each segment: row k belongs to segment segment_ids[k], and these never fall. A segment
    without rows gives 0. There are as many segments as the last number says: where it is computed, the op runs by
    itself, outside of compiled programs.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    segment_ids: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SegmentMean
    """
    return apply("SegmentMean", (data, segment_ids), name=name)[0]


def segment_min(data: TensorLike, segment_ids: TensorLike, *, name: str | None = None) -> Tensor:
    """Least elements of the rows of each segment: row k belongs to segment segment_ids[k], and these never fall. A
    segment without rows gives 0. There are as many segments as the last number says: where it is computed, the op
    runs by itself, outside of compiled programs.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    segment_ids: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SegmentMin
    """
    return apply("SegmentMin", (data, segment_ids), name=name)[0]


def segment_prod(data: TensorLike, segment_ids: TensorLike, *, name: str | None = None) -> Tensor:
    """Products of the rows of each segment: row k belongs to segment segment_ids[k], and these never fall. A segment
    without rows gives 1. There are as many segments as the last number says: where it is computed, the op runs by
    itself, outside of compiled programs.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    segment_ids: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SegmentProd
    """
    return apply("SegmentProd", (data, segment_ids), name=name)[0]


def segment_sum(data: TensorLike, segment_ids: TensorLike, *, name: str | None = None) -> Tensor:
    """Sums of the rows of each segment: row k belongs to segment segment_ids[k], and these never fall. A segment
    without rows gives 0. There are as many segments as the last number says: where it is computed, the op runs by
    itself, outside of compiled programs.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    segment_ids: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SegmentSum
    """
    return apply("SegmentSum", (data, segment_ids), name=name)[0]


def select(condition: TensorLike, t: TensorLike, e: TensorLike, *, name: str | None = None) -> Tensor:
    """`t` where `condition` is True and `e` where it is False, which have one shape; the condition has it too, or is
    one for each row, or one for all (the older op).

    condition: bool.
    t, e: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Select
    """
    return apply("Select", (condition, t, e), name=name)[0]


class SelfAdjointEigV2Outputs(NamedTuple):
    """The outputs of SelfAdjointEigV2."""

    e: Tensor
    v: Tensor


def self_adjoint_eig(input: TensorLike, *, compute_v: bool = True, name: str | None = None) -> SelfAdjointEigV2Outputs:
    """The eigenvalues of self-adjoint matrices, the least first, and with `compute_v` the eigenvectors as columns; only
    the lower triangles are read.

    input: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SelfAdjointEigV2
    """
    attrs = {"compute_v": compute_v}
    outputs = apply("SelfAdjointEigV2", (input,), attrs, name)
    return SelfAdjointEigV2Outputs(*outputs)


def selu(features: TensorLike, *, name: str | None = None) -> Tensor:
    """scale * x where x > 0 and scale * alpha * (exp(x) - 1) elsewhere. Klambauer et al., NeurIPS 2017.

    features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Selu
    """
    return apply("Selu", (features,), name=name)[0]


def selu_grad(gradients: TensorLike, outputs: TensorLike, *, name: str | None = None) -> Tensor:
    """`gradients` times the slope of Selu where it gave `outputs`.

    gradients, outputs: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SeluGrad
    """
    return apply("SeluGrad", (gradients, outputs), name=name)[0]


def shape(input: TensorLike, *, out_type: DTypeLike = "int32", name: str | None = None) -> Tensor:
    """The size of each axis.

    input: any type.
    out_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Shape
    """
    attrs = {"out_type": out_type}
    return apply("Shape", (input,), attrs, name)[0]


def shape_n(
    input: Sequence[TensorLike],
    *,
    out_type: DTypeLike = "int32",
    name: str | None = None,
) -> tuple[Tensor, ...]:
    """The size of each axis, of each of the tensors.

    input: of one type.
    out_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ShapeN
    """
    attrs = {"out_type": out_type}
    return apply("ShapeN", (input,), attrs, name)


def sharded_filename(
    basename: TensorLike,
    shard: TensorLike,
    num_shards: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The name of one of several files: `basename-00001-of-00004`.

    basename: string.
    shard, num_shards: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ShardedFilename
    """
    return apply("ShardedFilename", (basename, shard, num_shards), name=name)[0]


def sigmoid(x: TensorLike, *, name: str | None = None) -> Tensor:
    """1 / (1 + exp(-x)) elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Sigmoid
    """
    return apply("Sigmoid", (x,), name=name)[0]


def sigmoid_grad(y: TensorLike, dy: TensorLike, *, name: str | None = None) -> Tensor:
    """dy * y * (1 - y), where y = sigmoid(x).

    y, dy: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SigmoidGrad
    """
    return apply("SigmoidGrad", (y, dy), name=name)[0]


def sign(x: TensorLike, *, name: str | None = None) -> Tensor:
    """-1, 0 or 1 elementwise; x / |x| for complex numbers.

    x: bfloat16, float16, float32, float64, int8, int16, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Sign
    """
    return apply("Sign", (x,), name=name)[0]


def sin(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The sine elementwise, of radians.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Sin
    """
    return apply("Sin", (x,), name=name)[0]


def sinh(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The hyperbolic sine elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Sinh
    """
    return apply("Sinh", (x,), name=name)[0]


def size(input: TensorLike, *, out_type: DTypeLike = "int32", name: str | None = None) -> Tensor:
    """The number of elements.

    input: any type.
    out_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Size
    """
    attrs = {"out_type": out_type}
    return apply("Size", (input,), attrs, name)[0]


def slice(input: TensorLike, begin: TensorLike, size: TensorLike, *, name: str | None = None) -> Tensor:
    """`size` elements from `begin` on, for each axis; a size of -1 takes all that follow.

    input: any type.
    begin, size: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Slice
    """
    return apply("Slice", (input, begin, size), name=name)[0]


def snapshot(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The input as it is now, whatever becomes of it later.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Snapshot
    """
    return apply("Snapshot", (input,), name=name)[0]


def softmax(logits: TensorLike, *, name: str | None = None) -> Tensor:
    """exp(x) / sum(exp(x)) along the last axis, without overflow.

    logits: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Softmax
    """
    return apply("Softmax", (logits,), name=name)[0]


class SoftmaxCrossEntropyWithLogitsOutputs(NamedTuple):
    """The outputs of SoftmaxCrossEntropyWithLogits."""

    loss: Tensor
    backprop: Tensor


def softmax_cross_entropy_with_logits(
    features: TensorLike,
    labels: TensorLike,
    *,
    name: str | None = None,
) -> SoftmaxCrossEntropyWithLogitsOutputs:
    """-sum(labels * log(softmax(features))) for each row, and softmax(features) - labels. The gradient is that of the
    formula, also for rows of labels that do not add up to 1.

    features, labels: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SoftmaxCrossEntropyWithLogits
    """
    outputs = apply("SoftmaxCrossEntropyWithLogits", (features, labels), name=name)
    return SoftmaxCrossEntropyWithLogitsOutputs(*outputs)


def softplus(features: TensorLike, *, name: str | None = None) -> Tensor:
    """log(1 + exp(x)) elementwise, without overflow.

    features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Softplus
    """
    return apply("Softplus", (features,), name=name)[0]


def softplus_grad(gradients: TensorLike, features: TensorLike, *, name: str | None = None) -> Tensor:
    """gradients / (1 + exp(-features)).

    gradients, features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SoftplusGrad
    """
    return apply("SoftplusGrad", (gradients, features), name=name)[0]


def softsign(features: TensorLike, *, name: str | None = None) -> Tensor:
    """x / (1 + |x|) elementwise.

    features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Softsign
    """
    return apply("Softsign", (features,), name=name)[0]


def softsign_grad(gradients: TensorLike, features: TensorLike, *, name: str | None = None) -> Tensor:
    """gradients / (1 + |features|)^2.

    gradients, features: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SoftsignGrad
    """
    return apply("SoftsignGrad", (gradients, features), name=name)[0]


def space_to_batch(input: TensorLike, paddings: TensorLike, block_size: int, *, name: str | None = None) -> Tensor:
    """Each element of a block becomes an entry of the batch: [batch * block, ...]. For images, and blocks of block_size
    x block_size (the older op).

    input: any type.
    paddings: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SpaceToBatch
    """
    attrs = {"block_size": block_size}
    return apply("SpaceToBatch", (input, paddings), attrs, name)[0]


def space_to_batch_nd(
    input: TensorLike,
    block_shape: TensorLike,
    paddings: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Each element of a block becomes an entry of the batch: [batch * block, ...]. paddings: [axes of a block, 2],
    zeros that are added before.

    input: any type.
    block_shape, paddings: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SpaceToBatchND
    """
    return apply("SpaceToBatchND", (input, block_shape, paddings), name=name)[0]


def space_to_depth(input: TensorLike, block_size: int, *, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Images in which each block of block_size x block_size pixels is one pixel of as many times more channels.

    input: any type.
    data_format: NHWC, NCHW.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SpaceToDepth
    """
    attrs = {"block_size": block_size, "data_format": data_format}
    return apply("SpaceToDepth", (input,), attrs, name)[0]


class SparseSoftmaxCrossEntropyWithLogitsOutputs(NamedTuple):
    """The outputs of SparseSoftmaxCrossEntropyWithLogits."""

    loss: Tensor
    backprop: Tensor


def sparse_softmax_cross_entropy_with_logits(
    features: TensorLike,
    labels: TensorLike,
    *,
    name: str | None = None,
) -> SparseSoftmaxCrossEntropyWithLogitsOutputs:
    """-log(softmax(features)[label]) for each row, and softmax(features) - one_hot(labels). A label outside of the
    classes gives NaN.

    features: bfloat16, float16, float32, float64.
    labels: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SparseSoftmaxCrossEntropyWithLogits
    """
    outputs = apply("SparseSoftmaxCrossEntropyWithLogits", (features, labels), name=name)
    return SparseSoftmaxCrossEntropyWithLogitsOutputs(*outputs)


def split(axis: TensorLike, value: TensorLike, num_split: int, *, name: str | None = None) -> tuple[Tensor, ...]:
    """`num_split` parts of one size along an axis.

    axis: int32.
    value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Split
    """
    attrs = {"num_split": num_split}
    return apply("Split", (axis, value), attrs, name)


def split_v(
    value: TensorLike,
    size_splits: TensorLike,
    axis: TensorLike,
    num_split: int,
    *,
    name: str | None = None,
) -> tuple[Tensor, ...]:
    """`num_split` parts along an axis, of the sizes given; a -1 stands for what the others leave.

    value: any type.
    size_splits: int8, int32, int64.
    axis: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SplitV
    """
    attrs = {"num_split": num_split}
    return apply("SplitV", (value, size_splits, axis), attrs, name)


def sqrt(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The square root elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Sqrt
    """
    return apply("Sqrt", (x,), name=name)[0]


def sqrt_grad(y: TensorLike, dy: TensorLike, *, name: str | None = None) -> Tensor:
    """dy / (2 y), where y = sqrt(x).

    y, dy: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SqrtGrad
    """
    return apply("SqrtGrad", (y, dy), name=name)[0]


def square(x: TensorLike, *, name: str | None = None) -> Tensor:
    """x * x elementwise.

    x: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Square
    """
    return apply("Square", (x,), name=name)[0]


def squared_difference(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """(x - y) * conjugate(x - y) elementwise.

    x, y: bfloat16, float16, float32, float64, int32, int64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SquaredDifference
    """
    return apply("SquaredDifference", (x, y), name=name)[0]


def squeeze(input: TensorLike, *, axis: Sequence[int] = (), name: str | None = None) -> Tensor:
    """Leaves the axes out, which must have size 1; all of size 1 when none are given.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Squeeze
    """
    attrs = {"squeeze_dims": axis}
    return apply("Squeeze", (input,), attrs, name)[0]


def stack(values: Sequence[TensorLike], *, axis: int = 0, name: str | None = None) -> Tensor:
    """Stacks tensors of one shape along a new axis.

    values: of one type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Pack
    """
    attrs = {"axis": axis}
    return apply("Pack", (values,), attrs, name)[0]


def stop_gradient(input: TensorLike, *, name: str | None = None) -> Tensor:
    """The input as it is, which no gradient passes through.

    input: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/StopGradient
    """
    return apply("StopGradient", (input,), name=name)[0]


def strided_slice(
    input: TensorLike,
    begin: TensorLike,
    end: TensorLike,
    strides: TensorLike,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    name: str | None = None,
) -> Tensor:
    """What Python writes as input[begin:end:strides, ...]. Bit k of a mask speaks of entry k: begin or end is left out,
    the entry is an ellipsis, a new axis, or one position whose axis goes away.

    input: any type.
    begin, end, strides: int16, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/StridedSlice
    """
    attrs = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    return apply("StridedSlice", (input, begin, end, strides), attrs, name)[0]


def strided_slice_grad(
    shape: TensorLike,
    begin: TensorLike,
    end: TensorLike,
    strides: TensorLike,
    dy: TensorLike,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    name: str | None = None,
) -> Tensor:
    """The gradient of StridedSlice for its input, of this shape: dy where the slice was taken, and 0 elsewhere.

    shape, begin, end, strides: int32, int64.
    dy: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/StridedSliceGrad
    """
    attrs = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    return apply("StridedSliceGrad", (shape, begin, end, strides, dy), attrs, name)[0]


def string_join(inputs: Sequence[TensorLike], *, separator: str = "", name: str | None = None) -> Tensor:
    """The strings at each position one after another, `separator` between them; scalars stand at every position.

    inputs: string.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/StringJoin
    """
    attrs = {"separator": separator}
    return apply("StringJoin", (inputs,), attrs, name)[0]


def subtract(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x - y elementwise, under broadcasting.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Sub
    """
    return apply("Sub", (x, y), name=name)[0]


class SvdOutputs(NamedTuple):
    """The outputs of Svd."""

    s: Tensor
    u: Tensor
    v: Tensor


def svd(
    input: TensorLike,
    *,
    compute_uv: bool = True,
    full_matrices: bool = False,
    name: str | None = None,
) -> SvdOutputs:
    """The singular values of matrices, the greatest first, and with `compute_uv` the left and right singular vectors as
    columns; with `full_matrices` all of them.

    input: float64, float32, float16, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Svd
    """
    attrs = {"compute_uv": compute_uv, "full_matrices": full_matrices}
    outputs = apply("Svd", (input,), attrs, name)
    return SvdOutputs(*outputs)


def tan(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The tangent elementwise, of radians.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Tan
    """
    return apply("Tan", (x,), name=name)[0]


def tanh(x: TensorLike, *, name: str | None = None) -> Tensor:
    """The hyperbolic tangent elementwise.

    x: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Tanh
    """
    return apply("Tanh", (x,), name=name)[0]


def tanh_grad(y: TensorLike, dy: TensorLike, *, name: str | None = None) -> Tensor:
    """dy * (1 - y^2), where y = tanh(x).

    y, dy: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TanhGrad
    """
    return apply("TanhGrad", (y, dy), name=name)[0]


def tensor_array_close_v3(handle: TensorLike, *, name: str | None = None) -> Operation:
    """Nothing; lists need no closing.

    handle: resource.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArrayCloseV3
    """
    return operation("TensorArrayCloseV3", (handle,), name=name)


class TensorArrayConcatV3Outputs(NamedTuple):
    """The outputs of TensorArrayConcatV3."""

    value: Tensor
    lengths: Tensor


def tensor_array_concat_v3(
    handle: TensorLike,
    flow_in: TensorLike,
    element_shape_except0: Sequence[int | None] | None,
    *,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> TensorArrayConcatV3Outputs:
    """All elements behind each other along their first axis, and how long each is.

    handle: resource.
    flow_in: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArrayConcatV3
    """
    attrs = {"dtype": dtype, "element_shape_except0": element_shape_except0}
    outputs = apply("TensorArrayConcatV3", (handle, flow_in), attrs, name)
    return TensorArrayConcatV3Outputs(*outputs)


def tensor_array_gather_v3(
    handle: TensorLike,
    indices: TensorLike,
    flow_in: TensorLike,
    element_shape: Sequence[int | None] | None,
    *,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """The elements at `indices` along a new first axis.

    handle: resource.
    indices: int32.
    flow_in: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArrayGatherV3
    """
    attrs = {"dtype": dtype, "element_shape": element_shape}
    return apply("TensorArrayGatherV3", (handle, indices, flow_in), attrs, name)[0]


def tensor_array_read_v3(
    handle: TensorLike,
    index: TensorLike,
    flow_in: TensorLike,
    *,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """The element at `index`.

    handle: resource.
    index: int32.
    flow_in: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArrayReadV3
    """
    attrs = {"dtype": dtype}
    return apply("TensorArrayReadV3", (handle, index, flow_in), attrs, name)[0]


def tensor_array_scatter_v3(
    handle: TensorLike,
    indices: TensorLike,
    value: TensorLike,
    flow_in: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Writes the entries of `value` along its first axis at `indices`.

    handle: resource.
    indices: int32.
    value: any type.
    flow_in: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArrayScatterV3
    """
    return apply("TensorArrayScatterV3", (handle, indices, value, flow_in), name=name)[0]


def tensor_array_size_v3(handle: TensorLike, flow_in: TensorLike, *, name: str | None = None) -> Tensor:
    """How many elements there are.

    handle: resource.
    flow_in: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArraySizeV3
    """
    return apply("TensorArraySizeV3", (handle, flow_in), name=name)[0]


def tensor_array_split_v3(
    handle: TensorLike,
    value: TensorLike,
    lengths: TensorLike,
    flow_in: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Writes pieces of `value` along its first axis, as long as `lengths` says.

    handle: resource.
    value: any type.
    lengths: int64.
    flow_in: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArraySplitV3
    """
    return apply("TensorArraySplitV3", (handle, value, lengths, flow_in), name=name)[0]


class TensorArrayV3Outputs(NamedTuple):
    """The outputs of TensorArrayV3."""

    handle: Tensor
    flow: Tensor


def tensor_array_v3(
    size: TensorLike,
    element_shape: Sequence[int | None] | None,
    *,
    dtype: DTypeLike = "float32",
    dynamic_size: bool = False,
    clear_after_read: bool = True,
    identical_element_shapes: bool = False,
    tensor_array_name: str = "",
    name: str | None = None,
) -> TensorArrayV3Outputs:
    """A list of `size` elements that are yet to be written; with `dynamic_size` it grows where it is written behind.

    size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArrayV3
    """
    attrs = {
        "dtype": dtype,
        "element_shape": element_shape,
        "dynamic_size": dynamic_size,
        "clear_after_read": clear_after_read,
        "identical_element_shapes": identical_element_shapes,
        "tensor_array_name": tensor_array_name,
    }
    outputs = apply("TensorArrayV3", (size,), attrs, name)
    return TensorArrayV3Outputs(*outputs)


def tensor_array_write_v3(
    handle: TensorLike,
    index: TensorLike,
    value: TensorLike,
    flow_in: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Writes `value` at `index`.

    handle: resource.
    index: int32.
    value: any type.
    flow_in: float32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorArrayWriteV3
    """
    return apply("TensorArrayWriteV3", (handle, index, value, flow_in), name=name)[0]


class TensorListConcatV2Outputs(NamedTuple):
    """The outputs of TensorListConcatV2."""

    tensor: Tensor
    lengths: Tensor


def tensor_list_concat_v2(
    input_handle: TensorLike,
    element_shape: TensorLike,
    leading_dims: TensorLike,
    element_dtype: DTypeLike,
    *,
    name: str | None = None,
) -> TensorListConcatV2Outputs:
    """All elements behind each other along their first axis, and how long each is.

    input_handle: variant.
    element_shape: int32, int64.
    leading_dims: int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListConcatV2
    """
    attrs = {"element_dtype": element_dtype}
    outputs = apply("TensorListConcatV2", (input_handle, element_shape, leading_dims), attrs, name)
    return TensorListConcatV2Outputs(*outputs)


def tensor_list_element_shape(input_handle: TensorLike, shape_type: DTypeLike, *, name: str | None = None) -> Tensor:
    """The declared shape of the elements, with -1 for what is not known.

    input_handle: variant.
    shape_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListElementShape
    """
    attrs = {"shape_type": shape_type}
    return apply("TensorListElementShape", (input_handle,), attrs, name)[0]


def tensor_list_from_tensor(tensor: TensorLike, element_shape: TensorLike, *, name: str | None = None) -> Tensor:
    """The list of the entries of `tensor` along its first axis.

    tensor: any type.
    element_shape: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListFromTensor
    """
    return apply("TensorListFromTensor", (tensor, element_shape), name=name)[0]


def tensor_list_gather(
    input_handle: TensorLike,
    indices: TensorLike,
    element_shape: TensorLike,
    element_dtype: DTypeLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The elements at `indices` along a new first axis.

    input_handle: variant.
    indices, element_shape: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListGather
    """
    attrs = {"element_dtype": element_dtype}
    return apply("TensorListGather", (input_handle, indices, element_shape), attrs, name)[0]


def tensor_list_get_item(
    input_handle: TensorLike,
    index: TensorLike,
    element_shape: TensorLike,
    element_dtype: DTypeLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The element at `index`; zeros where it was never set.

    input_handle: variant.
    index: int32.
    element_shape: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListGetItem
    """
    attrs = {"element_dtype": element_dtype}
    return apply("TensorListGetItem", (input_handle, index, element_shape), attrs, name)[0]


def tensor_list_length(input_handle: TensorLike, *, name: str | None = None) -> Tensor:
    """How many elements a list has.

    input_handle: variant.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListLength
    """
    return apply("TensorListLength", (input_handle,), name=name)[0]


class TensorListPopBackOutputs(NamedTuple):
    """The outputs of TensorListPopBack."""

    output_handle: Tensor
    tensor: Tensor


def tensor_list_pop_back(
    input_handle: TensorLike,
    element_shape: TensorLike,
    element_dtype: DTypeLike,
    *,
    name: str | None = None,
) -> TensorListPopBackOutputs:
    """The list without its last element, and that element.

    input_handle: variant.
    element_shape: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListPopBack
    """
    attrs = {"element_dtype": element_dtype}
    outputs = apply("TensorListPopBack", (input_handle, element_shape), attrs, name)
    return TensorListPopBackOutputs(*outputs)


def tensor_list_push_back(input_handle: TensorLike, tensor: TensorLike, *, name: str | None = None) -> Tensor:
    """The list with `tensor` behind its last element.

    input_handle: variant.
    tensor: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListPushBack
    """
    return apply("TensorListPushBack", (input_handle, tensor), name=name)[0]


def tensor_list_reserve(
    element_shape: TensorLike,
    num_elements: TensorLike,
    element_dtype: DTypeLike,
    *,
    name: str | None = None,
) -> Tensor:
    """A list of `num_elements` elements that are yet to be set.

    element_shape: int32, int64.
    num_elements: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListReserve
    """
    attrs = {"element_dtype": element_dtype}
    return apply("TensorListReserve", (element_shape, num_elements), attrs, name)[0]


def tensor_list_resize(input_handle: TensorLike, size: TensorLike, *, name: str | None = None) -> Tensor:
    """The list with `size` elements: those behind are dropped, new ones are yet to be set.

    input_handle: variant.
    size: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListResize
    """
    return apply("TensorListResize", (input_handle, size), name=name)[0]


def tensor_list_scatter(
    tensor: TensorLike,
    indices: TensorLike,
    element_shape: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """A list with the entries of `tensor` at `indices`.

    tensor: any type.
    indices: int32.
    element_shape: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListScatter
    """
    return apply("TensorListScatter", (tensor, indices, element_shape), name=name)[0]


def tensor_list_scatter_into_existing_list(
    input_handle: TensorLike,
    tensor: TensorLike,
    indices: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The list with the entries of `tensor` at `indices`.

    input_handle: variant.
    tensor: any type.
    indices: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListScatterIntoExistingList
    """
    return apply("TensorListScatterIntoExistingList", (input_handle, tensor, indices), name=name)[0]


def tensor_list_scatter_v2(
    tensor: TensorLike,
    indices: TensorLike,
    element_shape: TensorLike,
    num_elements: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """A list of `num_elements` elements with the entries of `tensor` at `indices`.

    tensor: any type.
    indices, num_elements: int32.
    element_shape: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListScatterV2
    """
    return apply("TensorListScatterV2", (tensor, indices, element_shape, num_elements), name=name)[0]


def tensor_list_set_item(
    input_handle: TensorLike,
    index: TensorLike,
    item: TensorLike,
    *,
    resize_if_index_out_of_bounds: bool = False,
    name: str | None = None,
) -> Tensor:
    """The list with `item` at `index`.

    input_handle: variant.
    index: int32.
    item: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListSetItem
    """
    attrs = {"resize_if_index_out_of_bounds": resize_if_index_out_of_bounds}
    return apply("TensorListSetItem", (input_handle, index, item), attrs, name)[0]


def tensor_list_stack(
    input_handle: TensorLike,
    element_shape: TensorLike,
    element_dtype: DTypeLike,
    *,
    num_elements: int = -1,
    name: str | None = None,
) -> Tensor:
    """All elements along a new first axis; `num_elements` is how many there must be, or -1.

    input_handle: variant.
    element_shape: int32.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorListStack
    """
    attrs = {"element_dtype": element_dtype, "num_elements": num_elements}
    return apply("TensorListStack", (input_handle, element_shape), attrs, name)[0]


def tensor_scatter_add(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The tensor, to which `updates` are added at the positions that the last axis of `indices` holds. Updates of
    positions outside are left out, as on TensorFlow's GPU; constant ones are refused unless `bad_indices_policy` is
    IGNORE.

    tensor, updates: any type.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorScatterAdd
    """
    return apply("TensorScatterAdd", (tensor, indices, updates), name=name)[0]


def tensor_scatter_max(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The greater of the tensor and of `updates` at the positions that the last axis of `indices` holds. Updates of
    positions outside are left out, as on TensorFlow's GPU; constant ones are refused unless `bad_indices_policy` is
    IGNORE.

    tensor, updates: any type.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorScatterMax
    """
    return apply("TensorScatterMax", (tensor, indices, updates), name=name)[0]


def tensor_scatter_min(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The lesser of the tensor and of `updates` at the positions that the last axis of `indices` holds. Updates of
    positions outside are left out, as on TensorFlow's GPU; constant ones are refused unless `bad_indices_policy` is
    IGNORE.

    tensor, updates: any type.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorScatterMin
    """
    return apply("TensorScatterMin", (tensor, indices, updates), name=name)[0]


def tensor_scatter_sub(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The tensor, from which `updates` are subtracted at the positions that the last axis of `indices` holds. Updates
    of positions outside are left out, as on TensorFlow's GPU; constant ones are refused unless `bad_indices_policy`
    is IGNORE.

    tensor, updates: any type.
    indices: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorScatterSub
    """
    return apply("TensorScatterSub", (tensor, indices, updates), name=name)[0]


def tensor_scatter_update(
    tensor: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """The tensor with `updates` in place of what is at the positions that the last axis of `indices` holds. Updates of
    positions outside are left out, as on TensorFlow's GPU; constant ones are refused unless `bad_indices_policy` is
    IGNORE.

    tensor, updates: any type.
    indices: int16, int32, int64, uint16.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorScatterUpdate
    """
    return apply("TensorScatterUpdate", (tensor, indices, updates), name=name)[0]


def tensor_summary_v2(
    tag: TensorLike,
    tensor: TensorLike,
    serialized_summary_metadata: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """A summary of a tensor as it is, for the part of TensorBoard that the metadata names.

    tag, serialized_summary_metadata: string.
    tensor: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TensorSummaryV2
    """
    return apply("TensorSummaryV2", (tag, tensor, serialized_summary_metadata), name=name)[0]


def tile(input: TensorLike, multiples: TensorLike, *, name: str | None = None) -> Tensor:
    """Repeats the tensor multiples[k] times along axis k.

    input: any type.
    multiples: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Tile
    """
    return apply("Tile", (input, multiples), name=name)[0]


class TopKV2Outputs(NamedTuple):
    """The outputs of TopKV2."""

    values: Tensor
    indices: Tensor


def top_k(
    input: TensorLike,
    k: TensorLike,
    *,
    sorted: bool = True,
    index_type: DTypeLike = "int32",
    name: str | None = None,
) -> TopKV2Outputs:
    """The `k` greatest elements along the last axis and their positions, the greatest first and of equal ones the
    first; they come so whether or not `sorted` is asked for.

    input: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    k: int16, int32, int64.
    index_type: int16, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TopKV2
    """
    attrs = {"sorted": sorted, "index_type": index_type}
    outputs = apply("TopKV2", (input, k), attrs, name)
    return TopKV2Outputs(*outputs)


def transpose(x: TensorLike, perm: TensorLike | None = None, *, name: str | None = None) -> Tensor:
    """The axes in another order: axis k of the result is axis perm[k] of x.

    x: any type.
    perm: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Transpose
    """
    return apply("Transpose", (x, reversed_axes(x) if perm is None else perm), name=name)[0]


def truncated_normal(
    shape: TensorLike,
    *,
    seed: int = 0,
    seed2: int = 0,
    dtype: DTypeLike = "float32",
    name: str | None = None,
) -> Tensor:
    """Numbers from the normal distribution of mean 0 and deviation 1, drawn again where they exceed 2 deviations.

    shape: int32, int64.
    dtype: bfloat16, float16, float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TruncatedNormal
    """
    attrs = {"seed": seed, "seed2": seed2, "dtype": dtype}
    return apply("TruncatedNormal", (shape,), attrs, name)[0]


def truncatediv(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x / y elementwise, rounded towards zero. An integer divided by zero is no error, but its value means nothing.

    x, y: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TruncateDiv
    """
    return apply("TruncateDiv", (x, y), name=name)[0]


def truncatemod(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """What x / y rounded towards zero leaves over, with the sign of x, as C's %.

    x, y: bfloat16, float16, float32, float64, int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/TruncateMod
    """
    return apply("TruncateMod", (x, y), name=name)[0]


class UniqueOutputs(NamedTuple):
    """The outputs of Unique."""

    y: Tensor
    idx: Tensor


def unique(x: TensorLike, *, out_idx: DTypeLike = "int32", name: str | None = None) -> UniqueOutputs:
    """The different elements of a vector, in the order in which they first occur, and which of them each is. NaN is
    equal to none.

    x: any type.
    out_idx: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Unique
    """
    attrs = {"out_idx": out_idx}
    outputs = apply("Unique", (x,), attrs, name)
    return UniqueOutputs(*outputs)


class UniqueV2Outputs(NamedTuple):
    """The outputs of UniqueV2."""

    y: Tensor
    idx: Tensor


def unique_v2(
    x: TensorLike,
    axis: TensorLike,
    *,
    out_idx: DTypeLike = "int32",
    name: str | None = None,
) -> UniqueV2Outputs:
    """The different slices of a tensor along an axis, which may be left out for a vector, in the order in which they
    first occur, and which of them each is. NaN is equal to none.

    x: any type.
    axis: int32, int64.
    out_idx: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UniqueV2
    """
    attrs = {"out_idx": out_idx}
    outputs = apply("UniqueV2", (x, axis), attrs, name)
    return UniqueV2Outputs(*outputs)


class UniqueWithCountsOutputs(NamedTuple):
    """The outputs of UniqueWithCounts."""

    y: Tensor
    idx: Tensor
    count: Tensor


def unique_with_counts(
    x: TensorLike,
    *,
    out_idx: DTypeLike = "int32",
    name: str | None = None,
) -> UniqueWithCountsOutputs:
    """The different elements of a vector, in the order in which they first occur, and which of them each is, and how
    often each occurs. NaN is equal to none.

    x: any type.
    out_idx: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UniqueWithCounts
    """
    attrs = {"out_idx": out_idx}
    outputs = apply("UniqueWithCounts", (x,), attrs, name)
    return UniqueWithCountsOutputs(*outputs)


class UniqueWithCountsV2Outputs(NamedTuple):
    """The outputs of UniqueWithCountsV2."""

    y: Tensor
    idx: Tensor
    count: Tensor


def unique_with_counts_v2(
    x: TensorLike,
    axis: TensorLike,
    *,
    out_idx: DTypeLike = "int32",
    name: str | None = None,
) -> UniqueWithCountsV2Outputs:
    """The different slices of a tensor along an axis, which may be left out for a vector, in the order in which they
    first occur, and which of them each is, and how often each occurs. NaN is equal to none.

    x: any type.
    axis: int32, int64.
    out_idx: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UniqueWithCountsV2
    """
    attrs = {"out_idx": out_idx}
    outputs = apply("UniqueWithCountsV2", (x, axis), attrs, name)
    return UniqueWithCountsV2Outputs(*outputs)


def unsorted_segment_max(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Greatest elements of the parts of each segment; `segment_ids` holds the segment of each, for the first axes of
    `data`. Those with a negative number belong to none, nor do numbers that are too large, as on TensorFlow's GPU. A
    segment without parts gives the least finite number.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    segment_ids, num_segments: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UnsortedSegmentMax
    """
    return apply("UnsortedSegmentMax", (data, segment_ids, num_segments), name=name)[0]


def unsorted_segment_min(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Least elements of the parts of each segment; `segment_ids` holds the segment of each, for the first axes of
    `data`. Those with a negative number belong to none, nor do numbers that are too large, as on TensorFlow's GPU. A
    segment without parts gives the greatest finite number.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64.
    segment_ids, num_segments: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UnsortedSegmentMin
    """
    return apply("UnsortedSegmentMin", (data, segment_ids, num_segments), name=name)[0]


def unsorted_segment_prod(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Products of the parts of each segment; `segment_ids` holds the segment of each, for the first axes of `data`.
    Those with a negative number belong to none, nor do numbers that are too large, as on TensorFlow's GPU. A segment
    without parts gives 1.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    segment_ids, num_segments: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UnsortedSegmentProd
    """
    return apply("UnsortedSegmentProd", (data, segment_ids, num_segments), name=name)[0]


def unsorted_segment_sum(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    *,
    name: str | None = None,
) -> Tensor:
    """Sums of the parts of each segment; `segment_ids` holds the segment of each, for the first axes of `data`. Those
    with a negative number belong to none, nor do numbers that are too large, as on TensorFlow's GPU. A segment
    without parts gives 0.

    data: bfloat16, float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64,
    complex128.
    segment_ids: int16, int32, int64.
    num_segments: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UnsortedSegmentSum
    """
    return apply("UnsortedSegmentSum", (data, segment_ids, num_segments), name=name)[0]


def unstack(value: TensorLike, num: int, *, axis: int = 0, name: str | None = None) -> tuple[Tensor, ...]:
    """The `num` parts of a tensor along an axis, without that axis.

    value: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Unpack
    """
    attrs = {"num": num, "axis": axis}
    return apply("Unpack", (value,), attrs, name)


def update(
    variables: Sequence[TensorLike],
    gradients: Sequence[TensorLike],
    hyper: Sequence[TensorLike],
    loss: TensorLike,
    optimizer: str,
    names: Sequence[str],
    *,
    name: str | None = None,
) -> Operation:
    """One step of an optimizer: variables and its slots take their next values. `optimizer` holds its structure as
    JSON, `names` says which number each of `hyper` is.

    variables, gradients: of any types.
    hyper, loss: float32.
    """
    attrs = {"optimizer": optimizer, "names": names}
    return operation("Update", (variables, gradients, hyper, loss), attrs, name)


def upper_bound(
    sorted_inputs: TensorLike,
    values: TensorLike,
    *,
    out_type: DTypeLike = "int32",
    name: str | None = None,
) -> Tensor:
    """For each value of a row, the position of the first element of the same row of `sorted_inputs` that is greater
    than it; the length of that row where none is.

    sorted_inputs, values: any type.
    out_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/UpperBound
    """
    attrs = {"out_type": out_type}
    return apply("UpperBound", (sorted_inputs, values), attrs, name)[0]


def var_handle_op(dtype: DTypeLike, shape: Sequence[int | None] | None = None, name: str | None = None) -> Tensor:
    """A handle of the variable called `shared_name`, or else as the node is.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/VarHandleOp
    """
    attrs = {"dtype": dtype, "shape": shape}
    return apply("VarHandleOp", (), attrs, name)[0]


def var_is_initialized_op(resource: TensorLike, *, name: str | None = None) -> Tensor:
    """Whether a variable has a value.

    resource: resource.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/VarIsInitializedOp
    """
    return apply("VarIsInitializedOp", (resource,), name=name)[0]


def variable(dtype: DTypeLike, shape: Sequence[int | None] | None = None, name: str | None = None) -> Tensor:
    """A value that is kept from one run of the graph to the next.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/VariableV2
    """
    attrs = {"shape": shape, "dtype": dtype}
    return apply("VariableV2", (), attrs, name)[0]


def variable_shape(input: TensorLike, *, out_type: DTypeLike = "int32", name: str | None = None) -> Tensor:
    """The shape of the value of a variable.

    input: resource.
    out_type: int32, int64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/VariableShape
    """
    attrs = {"out_type": out_type}
    return apply("VariableShape", (input,), attrs, name)[0]


def where(condition: TensorLike, t: TensorLike, e: TensorLike, *, name: str | None = None) -> Tensor:
    """`t` where `condition` is True and `e` where it is False, under broadcasting.

    condition: bool.
    t, e: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SelectV2
    """
    return apply("SelectV2", (condition, t, e), name=name)[0]


def xdivy(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x / y elementwise, under broadcasting, and 0 where x is 0.

    x, y: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Xdivy
    """
    return apply("Xdivy", (x, y), name=name)[0]


def xlog1py(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x * log(1 + y) elementwise, under broadcasting, and 0 where x is 0.

    x, y: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Xlog1py
    """
    return apply("Xlog1py", (x, y), name=name)[0]


def xlogy(x: TensorLike, y: TensorLike, *, name: str | None = None) -> Tensor:
    """x * log(y) elementwise, under broadcasting, and 0 where x is 0.

    x, y: bfloat16, float16, float32, float64, complex64, complex128.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Xlogy
    """
    return apply("Xlogy", (x, y), name=name)[0]


def zeros_like(x: TensorLike, *, name: str | None = None) -> Tensor:
    """A tensor of the shape of x in which every element is 0.

    x: any type.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/ZerosLike
    """
    return apply("ZerosLike", (x,), name=name)[0]


def zeta(x: TensorLike, q: TensorLike, *, name: str | None = None) -> Tensor:
    """The Hurwitz zeta function elementwise, the sum of (q + n)^-x over n = 0, 1, ..., for x > 1, under broadcasting.
    It has a gradient for q alone.

    x, q: float32, float64.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Zeta
    """
    return apply("Zeta", (x, q), name=name)[0]
