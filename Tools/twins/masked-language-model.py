"""Trains a PyTorch twin of the masked language model (Graphs/MaskedLanguageModel) from the same first weights, on the same masks.

    recurve train masked-language-model --data text.txt -o RUN
    recurve masked-batches RUN -o batches.safetensors
    python Tools/twins/masked-language-model.py batches.safetensors --log RUN/log.jsonl --compile --checkpoint twin.pt -o twin.json

Prints the losses of both side by side, how far apart they are, and the time of a step (needs torch, safetensors; --compile needs
a C++ compiler). Both are judged on the same batches with the same masks at the run's validations and, in the end, on the held-out
text, as `recurve run RUN` judges: what that prints with --json stands beside with --judged FILE. Checkpoint and figures are kept
after each validation and every 100 steps; the same command goes on from there. PyTorch computes eagerly, or compiled with --compile.
"""

import torch.nn.functional as F

from training import Run, main, refuse


class Encoder:
    """Weights by the paths that they have in the DSL; B sequences of L tokens, D wide, K places of each."""

    def __init__(self, weights, heads, applied):
        self.weights, self.heads = weights, heads
        # Numbers of the layers in the order in which they are applied.
        self.applied = applied

    def linear(self, x, path):
        return F.linear(x, self.weights[path + ".weight"], self.weights[path + ".bias"])

    def norm(self, x, path):
        return F.layer_norm(x, x.shape[-1:], self.weights[path + ".gain"], self.weights[path + ".bias"], 1e-12)

    def attention(self, h, path):
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in self.linear(h, path + ".queryKeyValue").chunk(3, -1))
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.linear(mixed.transpose(1, 2).flatten(2), path + ".output")

    def layer(self, h, path):
        mixed = self.norm(h + self.attention(h, path + ".attention"), path + ".attentionNorm")
        fed = self.linear(F.gelu(self.linear(mixed, path + ".up")), path + ".down")
        return self.norm(mixed + fed, path + ".feedForwardNorm")

    def scores(self, tokens, places):
        """[B, L], [B K] -> [B K, V]"""
        table = self.weights["tokens.table"]
        h = self.norm(F.embedding(tokens, table) + self.weights["positions.table"][:tokens.shape[1]], "embeddingNorm")
        for number in self.applied:
            h = self.layer(h, f"layers.{number}")
        asked = h.flatten(0, 1)[places]
        found = self.norm(F.gelu(self.linear(asked, "transform")), "transformNorm")
        return F.linear(found, table, self.weights["scoreBias"])


class MaskedLanguageModel(Run):
    parts = ("tokens", "places", "labels")

    def __init__(self, options):
        super().__init__(options)
        depth, is_recurrent = int(self.notes["depth"]), self.notes["variant"] == "recurrent"
        applied = [0] * depth if is_recurrent else range(depth)
        self.encoder = Encoder(self.weights, int(self.notes["heads"]), applied)

    def refuse_what_differs(self):
        super().refuse_what_differs()
        if self.notes["variant"] not in ("bert", "recurrent"):
            refuse(f"knows bert and recurrent, the file has {self.notes['variant']}")
        if self.notes.get("gradient", "full").startswith(("last", "none")):
            refuse(f"trains by the full gradient, the file by {self.notes['gradient']}")

    def loss(self, tokens, places, labels):
        return F.cross_entropy(self.encoder.scores(tokens, places), labels)

    def judged(self, tokens, places, labels):
        found = self.encoder.scores(tokens, places)
        right = (found.argmax(-1) == labels).float().mean()
        return {"loss": F.cross_entropy(found, labels).item(), "masked_accuracy": right.item()}


if __name__ == "__main__":
    main(MaskedLanguageModel, __doc__)
