using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>MᵀM of float matrices, computed by ONNX Runtime on all its threads and added up in double.</summary>
internal sealed class GramKernel : IDisposable
{
    private readonly ModelSession session;

    public GramKernel(SessionSettings settings)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add([new TensorShapeProto.Types.Dimension { DimParam = "rows" }, new TensorShapeProto.Types.Dimension { DimParam = "columns" }]);
        var product = new NodeProto { OpType = "Gemm", Name = "gram", Input = { "m", "m" }, Output = { "g" } };
        product.SetInt("transA", 1);
        var graph = new GraphProto { Name = "gram", Node = { product }, Output = { new ValueInfoProto { Name = "g" } } };
        graph.Input.Add(new ValueInfoProto { Name = "m", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } } });
        var model = new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 13 } }, Graph = graph };
        session = ModelSession.Create(OnnxModel.FromProto(model, "a product of matrices"), settings);
    }

    /// <summary>Adds MᵀM.</summary>
    /// <param name="matrix">Row-major, at least rows × columns long.</param>
    /// <param name="rows">Rows; some thousands, so that sums in float32 keep their precision.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="sums">Where it is added, columns × columns.</param>
    public void Add(float[] matrix, int rows, int columns, double[] sums)
    {
        if (rows == 0)
        {
            return;
        }

        using OrtValue value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, matrix.AsMemory(0, rows * columns), [rows, columns]);
        using NamedValues result = session.Run(new Dictionary<string, OrtValue> { ["m"] = value });
        ReadOnlySpan<float> product = result["g"].GetTensorDataAsSpan<float>();
        for (int i = 0; i < product.Length; i++)
        {
            sums[i] += product[i];
        }
    }

    public void Dispose() => session.Dispose();
}
