using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// What decides the cost of a block: operators, attributes, how they are joined, shapes, element types, operator sets. Names and
/// the values of weights do not; small integer constants (pads, axes, shapes) do.
/// </summary>
internal static class BlockSignature
{
    private const int SmallConstant = 64;

    public static string Of(OnnxModel block, IReadOnlyCollection<string> blockedInputs)
    {
        var text = new StringBuilder();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto opset in block.Proto.OpsetImport.OrderBy(o => o.Domain, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{opset.Domain}:{opset.Version};");
        }

        foreach (ValueInfoProto input in block.Graph.Input)
        {
            string dims = string.Join('x', input.Type.TensorType.Shape.Dim.Select(d => d.DimValue));
            string layout = blockedInputs.Contains(input.Name) ? "blocked" : "plain";
            text.Append(CultureInfo.InvariantCulture, $"in{Number(input.Name)}:{input.Type.TensorType.ElemType}:{dims}:{layout};");
        }

        foreach (TensorProto constant in block.Graph.Initializer)
        {
            string dims = string.Join('x', constant.Dims);
            text.Append(CultureInfo.InvariantCulture, $"const{Number(constant.Name)}:{constant.DataType}:{dims}");
            text.Append(Decides(constant) ? ":" + string.Join(',', TensorReader.ToInts(constant)) : "").Append(';');
        }

        foreach (NodeProto node in block.Graph.Node)
        {
            text.Append(CultureInfo.InvariantCulture, $"{node.Domain}:{node.OpType}(");
            text.AppendJoin(',', node.Input.Select(Number)).Append(")->(").AppendJoin(',', node.Output.Select(Number)).Append(')');
            foreach (AttributeProto attribute in node.Attribute.OrderBy(a => a.Name, StringComparer.Ordinal))
            {
                text.Append(Convert.ToHexString(SHA256.HashData(attribute.ToByteArray())), 0, 16);
            }

            text.Append(';');
        }

        text.AppendJoin(',', block.Graph.Output.Select(o => Number(o.Name)));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];

        int Number(string name)
        {
            if (!numbers.TryGetValue(name, out int number))
            {
                numbers[name] = number = name.Length == 0 ? -1 : numbers.Count;
            }

            return number;
        }
    }

    private static bool Decides(TensorProto constant) =>
        (TensorProto.Types.DataType)constant.DataType is TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32
        && TensorReader.Count(constant) <= SmallConstant;
}
